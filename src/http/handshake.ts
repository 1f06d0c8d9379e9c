// The handshake of a WebSocket by ws. One that is refused is answered in JSON like all else, and its connection closed.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { MaestroError } from '../domain/errors.ts';
import { destroyOnceSent, refuseOn } from './errors.ts';

/** @param maxPayload bytes of a client's message */
export function createWebSocketServer(maxPayload: number): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    // A watcher answers pings itself: it knows whether its client reads.
    autoPong: false,
  });
  server.on('wsClientError', (error, socket) =>
    refuseOn(
      socket,
      new MaestroError('VALIDATION_ERROR', `this is no valid WebSocket handshake: ${error.message}`),
    ),
  );
  return server;
}

export function shakeHands(
  server: WebSocketServer,
  [request, socket, head]: [IncomingMessage, Duplex, Buffer],
  welcome: (webSocket: WebSocket) => void,
): void {
  let isAccepted = false as boolean;
  server.handleUpgrade(request, socket, head, (webSocket) => {
    isAccepted = true;
    welcome(webSocket);
  });
  if (!isAccepted) destroyOnceSent(socket);
}
