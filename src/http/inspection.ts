// The actors' moves to developers' tools: with MAESTRO_INSPECT a WebSocket at `/inspect`, in the protocol of
// @statelyai/inspect. For this machine only: beside what the hub asks of every upgrade, the peer must be on loopback.
// No heartbeat: on loopback the system tells of a peer that is gone, and one that does not read meets its bound.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Inspection, Receive } from '../actors/inspection.ts';
import { MaestroError } from '../domain/errors.ts';
import { createWebSocketServer, shakeHands } from './handshake.ts';

const INSPECTORS = 8;
/** Nothing is expected from them. */
const LARGEST_MESSAGE = 1024;
/** What may wait for one that does not read. */
const BEHIND_BYTES = 16 * 1024 * 1024;
/** Past this one that pings and does not read gets no more answers. */
const PONG_BYTES = 64 * 1024;
const GOING_AWAY = 1001;
const INTERNAL_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;
const loopback = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/i;

export const inspectionPath = '/inspect';

export interface InspectorsOptions {
  inspection: Inspection;
  debug: (message: string) => void;
  onFault: (fault: Error) => void;
}

export class Inspectors {
  readonly #options: InspectorsOptions;
  readonly #server = createWebSocketServer(LARGEST_MESSAGE);

  constructor(options: InspectorsOptions) {
    this.#options = options;
  }

  /**
   * Takes an upgrade whose source and token the hub has checked.
   * @throws FORBIDDEN when it comes from another machine; OVERLOADED.
   */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { remoteAddress } = request.socket;
    if (remoteAddress === undefined || !loopback.test(remoteAddress))
      throw new MaestroError('FORBIDDEN', 'the actors are shown to this machine only');
    if (this.#server.clients.size >= INSPECTORS)
      throw new MaestroError('OVERLOADED', `${INSPECTORS} inspectors are connected; no more are taken`);
    shakeHands(this.#server, [request, socket, head], (webSocket) => this.#welcome(webSocket));
  }

  /** Closes every inspector with 1001; before the actors are ended. */
  close(): void {
    this.#options.inspection.close();
    for (const socket of this.#server.clients) socket.close(GOING_AWAY, 'the server is stopping');
    this.#server.close();
  }

  /** Cuts those that did not close. */
  terminate(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  #welcome(socket: WebSocket): void {
    const { inspection, debug, onFault } = this.#options;
    const receive: Receive = (message, gone) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify(message), gone);
      if (socket.bufferedAmount <= BEHIND_BYTES) return;
      detach();
      // The closing frame stands behind what is unsent; ws cuts a client that does not answer it within 30 s.
      socket.close(TRY_AGAIN_LATER, 'too far behind');
    };
    const detach = inspection.attach(receive, (fault) => {
      onFault(fault);
      socket.close(INTERNAL_ERROR, 'the server could not go on');
    });
    socket.on('ping', (data) => {
      if (socket.bufferedAmount <= PONG_BYTES) socket.pong(data);
    });
    socket.on('error', (error) => debug(`an inspector's connection failed: ${error.message}`));
    socket.on('close', detach);
  }
}
