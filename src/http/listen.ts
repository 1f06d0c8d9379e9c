// The port. By default both loopback addresses, so that `localhost` means this server whatever it resolves to.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { MaestroError } from '../domain/errors.ts';

/** A body must arrive within this time; a slow sender holds nothing but its own connection. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
const LOOPBACK = '127.0.0.1';
const LOOPBACK_6 = '::1';

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Listening {
  port: number;
  /** Takes no more connections, and resolves when running requests are answered; the rest is cut after `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/**
 * @param host null for both loopback addresses.
 * @throws MaestroError CONFLICT when the port is taken.
 */
export async function listen(
  host: string | null,
  port: number,
  onRequest: RequestListener,
  onUpgrade: Upgrade,
): Promise<Listening> {
  const make = (): Server => {
    const server = createServer(
      { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS },
      onRequest,
    );
    server.on('upgrade', onUpgrade);
    return server;
  };
  const first = make();
  await bind(first, host ?? LOOPBACK, port);
  const chosen = portOf(first);
  const servers = [first];
  if (host === null) {
    const second = make();
    try {
      await bind(second, LOOPBACK_6, chosen);
      servers.push(second);
    } catch (error) {
      // No IPv6 here; or the system chose the port, and somebody has it on the other address.
      if (error instanceof MaestroError && port !== 0) {
        await closeServer(first, 0);
        throw error;
      }
    }
  }
  return {
    port: chosen,
    close: async (limitMs) => {
      await Promise.all(servers.map((server) => closeServer(server, limitMs)));
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const message = `port ${port} on ${host} is taken; stop the other program, or choose another with PORT`;
      reject(taken ? new MaestroError('CONFLICT', message, { port }, { cause: error }) : error);
    });
    server.listen({ host, port }, resolve);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}

async function closeServer(server: Server, limitMs: number): Promise<void> {
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(limit);
}
