// The port. By default both loopback addresses, so that `localhost` means this server whatever it resolves to.
import {
  createServer,
  maxHeaderSize,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { MaestroError } from '../domain/errors.ts';
import { Answers } from './answers.ts';
import { errorBody, refuseOn, statusOf } from './errors.ts';
import { createPrototypes, type App } from './prototypes.ts';
import { sendJson } from './reply.ts';

/** A slow sender holds nothing but its own connection, and that not for ever. */
interface Patience {
  /** For the head of a request, from the connection on. */
  headMs: number;
  /** For the whole of it. */
  requestMs: number;
}
const PATIENCE: Patience = { headMs: 10_000, requestMs: 30_000 };
/** How often Node looks for those that are late; its own is half a minute. */
const LOOK_MS = 1_000;
/** On each address; more are closed at once. An idle one is cut after `headMs`. */
const CONNECTIONS = 4_096;
const LOOPBACK = '127.0.0.1';
const LOOPBACK_6 = '::1';
/** Where the system chose a port that another program holds on the other loopback address. */
const PORT_CHOICES = 8;

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface Listening {
  port: number;
  /** With the address or name that leads here from this machine. */
  url: string;
  /** What else is to be said of where it listens: each address, or that it is all. */
  addresses: string;
  /** From now on requests are answered; until then they get 503. */
  serve(app: App, onUpgrade: Upgrade): void;
  /**
   * Takes no more connections, and resolves when running requests are answered; the rest is cut after `limitMs`.
   * Upgraded connections are not waited for: who took them closes them.
   */
  close(limitMs: number): Promise<void>;
}

/**
 * @param host null for both loopback addresses.
 * @throws MaestroError CONFLICT when the port is taken.
 */
export async function listen(
  host: string | null,
  port: number,
  { headMs, requestMs }: Patience = PATIENCE,
): Promise<Listening> {
  let answer: RequestListener = notReady;
  let upgrade: Upgrade = (_request, socket) => refuseOn(socket, starting());
  const answers = new Answers();
  const prototypes = createPrototypes();
  const make = (): Server => {
    const options = {
      ...prototypes.classes,
      requestTimeout: requestMs,
      headersTimeout: headMs,
      connectionsCheckingInterval: Math.min(LOOK_MS, headMs),
    };
    const server = createServer(options, (request, response) => {
      answers.take(response, request.socket, () => answer(request, response));
    });
    server.maxConnections = CONNECTIONS;
    server.on('clientError', refuseMalformed);
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrade(request, socket, head),
    );
    return server;
  };
  const servers = await bindAll(make, host === 'localhost' ? null : host, port);
  const looking = setInterval(() => answers.cutUnread(performance.now()), LOOK_MS);
  looking.unref();
  return {
    port: portOf(servers[0]),
    url: urlOf(host, portOf(servers[0])),
    addresses: addressesOf(servers),
    serve: (app, onUpgrade) => {
      prototypes.adopt(app);
      answer = app;
      upgrade = onUpgrade;
    },
    close: async (limitMs) => {
      for (const server of servers) server.close();
      const cut = (): void => servers.forEach((server) => server.closeAllConnections());
      const limit = setTimeout(cut, limitMs);
      await answers.settled();
      clearTimeout(limit);
      clearInterval(looking);
      cut();
    },
  };
}

async function bindAll(
  make: () => Server,
  host: string | null,
  port: number,
): Promise<[Server, ...Server[]]> {
  for (let choice = 1; ; choice += 1) {
    const first = make();
    await bind(first, host ?? LOOPBACK, port);
    if (host !== null) return [first];
    const second = make();
    try {
      await bind(second, LOOPBACK_6, portOf(first));
      return [first, second];
    } catch (error) {
      if (!(error instanceof MaestroError)) return [first]; // No IPv6 here.
      // Half a port would be another program's to whoever says `localhost`.
      await new Promise((resolve) => first.close(resolve));
      if (port !== 0 || choice === PORT_CHOICES) throw error;
    }
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const message = `port ${port} on ${host} is taken; stop the other program, or choose another with PORT`;
      if (taken) reject(new MaestroError('CONFLICT', message, { port }, { cause: error }));
      else
        reject(
          new Error(`HOST is "${host}", which cannot be listened on: ${error.message}`, { cause: error }),
        );
    });
    server.listen({ host, port }, resolve);
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}

const literal = (address: string): string => (isIPv6(address) ? `[${address}]` : address);

/** All addresses: a loopback one, which is among them. `localhost` only where both loopback addresses are this server's. */
function urlOf(host: string | null, port: number): string {
  if (host === '0.0.0.0') return `http://${LOOPBACK}:${port}`;
  const name = host === null || host === '::' ? 'localhost' : literal(host);
  return `http://${name}:${port}`;
}

function addressesOf(servers: Server[]): string {
  const each = servers.map((server) => {
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the server has no address');
    if (address.address === '0.0.0.0') return '0.0.0.0: all IPv4 addresses of this machine';
    if (address.address === '::') return '[::]: all addresses of this machine';
    return `http://${literal(address.address)}:${address.port}`;
  });
  return each.join(' and ');
}

const starting = () =>
  new MaestroError('STORAGE_UNAVAILABLE', 'the server is starting; ask again in a moment');

const notReady: RequestListener = (_request, response) => {
  response.setHeader('Retry-After', '1');
  const error = starting();
  sendJson(response, statusOf(error), errorBody(error));
};

/** What Node's parser refuses before there is a request: answered in JSON like all else. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  refuseOn(socket, malformed(error));
}

function malformed({ code, message }: NodeJS.ErrnoException): MaestroError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new MaestroError(
        'PAYLOAD_TOO_LARGE',
        `the head of the request is larger than ${maxHeaderSize} bytes`,
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new MaestroError('VALIDATION_ERROR', 'the request did not arrive in time');
    default:
      return new MaestroError('VALIDATION_ERROR', `this is no valid HTTP request (${code ?? message})`);
  }
}
