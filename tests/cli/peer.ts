// A server as a command meets it: it proves itself by its own calculation, and keeps what it is sent.
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';

interface Sent {
  method: string;
  path: string;
  authorization: string | undefined;
  /** Counts the connections. */
  connection: number;
}

export interface Peer {
  port: number;
  /** Without the questions for a proof. */
  sent: Sent[];
  /** The questions for a proof, by connection. */
  asked: number[];
  /** Ends all WebSockets. */
  hangUp: () => void;
}

type Prove = (nonce: string, request: IncomingMessage, response: ServerResponse) => void;

export const proofOf = (secret: string, nonce: string, address: string, port: number): string =>
  createHmac('sha256', secret).update(`maestro-proof\n${nonce}\n${address}\n${port}`).digest('hex');

/** Answers as the server that has the secret does. */
export const provenBy =
  (secret: () => string): Prove =>
  (nonce, { socket }, response) => {
    const address = (socket.localAddress ?? '').replace('::ffff:', '');
    response.end(JSON.stringify({ proof: proofOf(secret(), nonce, address, socket.localPort ?? 0) }));
  };

/** @param prove answers `GET /proof` */
export async function startPeer(prove: Prove, host = '127.0.0.1', port = 0): Promise<Peer> {
  const sent: Sent[] = [];
  const asked: number[] = [];
  const connections: Socket[] = [];
  const numberOf = ({ socket }: IncomingMessage) => {
    if (!connections.includes(socket)) connections.push(socket);
    return connections.indexOf(socket);
  };
  const keep = (request: IncomingMessage) =>
    sent.push({
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      connection: numberOf(request),
    });
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://peer');
    if (url.pathname !== '/proof') {
      keep(request);
      response.setHeader('content-type', 'application/json');
      response.end(url.pathname.startsWith('/api/') ? '[]' : '{"status": "ok", "uptime": 1}');
      return;
    }
    asked.push(numberOf(request));
    if (request.headers.authorization !== undefined) keep(request);
    prove(url.searchParams.get('nonce') ?? '', request, response);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (_, request) => keep(request));
  server.listen(port, host);
  await once(server, 'listening');
  const hangUp = () => sockets.clients.forEach((socket) => socket.terminate());
  onTestFinished(() => {
    hangUp();
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sent, asked, hangUp };
}
