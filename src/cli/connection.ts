// The ear of a command that listens: a WebSocket that comes back by itself, and asks for what it missed.
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, type RawData } from 'ws';
import { z } from 'zod';
import { asError } from '../domain/errors.ts';
import { accessTo, type Access, type Credentials } from './credentials.ts';
import { CliError, exitCodes } from './errors.ts';

export interface Listener {
  /** Connected, also for the second time: what happened meanwhile must be looked up. */
  opened(): void;
  heard(message: Message): void;
  /** Not connected: it is tried again. */
  lost(why: string): void;
}

export interface ConnectionOptions {
  /** The server's base, as for HTTP. */
  url: string;
  credentials?: Credentials | undefined;
  projectId: string | undefined;
  /** Beside the 14 facts of a plain connection. */
  topics?: 'queue';
}

const firstDelayMs = 500;
const longestDelayMs = 5_000;
const handshakeMs = 10_000;
/** The server pings every 30 s; one that is silent for longer than this is gone. */
const silenceMs = 90_000;

/** A fact, or `resync`: some were missed. */
export const Message = z.looseObject({
  type: z.string(),
  seq: z.number().optional(),
  timestamp: z.number().optional(),
  data: z.unknown().optional(),
});
export type Message = z.infer<typeof Message>;

/**
 * Listens until the signal is aborted.
 * @throws CliError (exit code 4) when the server refuses us for good
 */
export async function listen(
  options: ConnectionOptions,
  listener: Listener,
  signal: AbortSignal,
): Promise<void> {
  let since: number | undefined;
  let failures = 0;
  const isOver = () => signal.aborted;
  while (!isOver()) {
    const { wasOpen, why } = await oneConnection(addressOf(options, since), options, signal, {
      opened: () => listener.opened(),
      heard: (message) => {
        since = message.seq ?? since;
        listener.heard(message);
      },
    });
    if (isOver()) return;
    listener.lost(why);
    failures = wasOpen ? 0 : failures + 1;
    const delayMs = Math.min(firstDelayMs * 2 ** failures, longestDelayMs);
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/** `view=changes` keeps whole sessions, which we do not read, off the wire. */
function addressOf({ url, projectId, topics }: ConnectionOptions, since: number | undefined): string {
  const query = new URLSearchParams({ view: 'changes' });
  if (projectId !== undefined) query.set('projectId', projectId);
  if (topics !== undefined) query.set('topics', topics);
  if (since !== undefined) query.set('since', String(since));
  return `${url.replace(/^http/, 'ws')}/ws?${query.toString()}`;
}

interface Hearing {
  opened: () => void;
  heard: (message: Message) => void;
}

interface Heard {
  wasOpen: boolean;
  why: string;
}

/** One connection from its beginning to its end, whichever that is. */
async function oneConnection(
  address: string,
  { url, credentials = {} }: ConnectionOptions,
  signal: AbortSignal,
  hearing: Hearing,
): Promise<Heard> {
  let access: Access;
  try {
    access = await accessTo(url, credentials, AbortSignal.any([signal, AbortSignal.timeout(handshakeMs)]));
  } catch (thrown) {
    return { wasOpen: false, why: asError(thrown).message };
  }
  try {
    return await heardOn(address, access, signal, hearing);
  } finally {
    access.agent?.destroy();
  }
}

function heardOn(
  address: string,
  { headers, agent }: Access,
  signal: AbortSignal,
  { opened, heard }: Hearing,
): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, {
      headers: headers as Record<string, string>, // one value for each name
      handshakeTimeout: handshakeMs,
      ...(agent && { agent }),
    });
    let wasOpen = false;
    let why = 'the connection was closed';
    const silence = setTimeout(() => {
      why = 'the server is silent';
      socket.terminate();
    }, silenceMs);
    const leave = () => socket.terminate();
    signal.addEventListener('abort', leave, { once: true });

    socket.on('open', () => {
      wasOpen = true;
      opened();
    });
    socket.on('ping', () => silence.refresh());
    socket.on('message', (raw: RawData) => {
      silence.refresh();
      const message = Message.safeParse(parsed(raw));
      if (message.success) heard(message.data);
    });
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      why = `the server answered with status ${statusCode}`;
      if (statusCode === 401 || statusCode === 403) reject(refused(statusCode));
      request.destroy();
      socket.terminate();
    });
    socket.on('error', (error) => {
      why = error.message || 'no connection';
    });
    socket.on('close', () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', leave);
      resolve({ wasOpen, why });
    });
  });
}

function parsed(raw: RawData): unknown {
  try {
    return JSON.parse((raw as Buffer).toString('utf8')); // a Buffer, as binaryType is the default one
  } catch {
    // Nothing that a Maestro server sends.
    return undefined;
  }
}

const refused = (status: number): CliError =>
  new CliError('UNAUTHORIZED', `the server refuses this connection (status ${status})`, {
    exitCode: exitCodes.notAllowed,
    suggestion: 'Set MAESTRO_TOKEN, and reach the server under localhost, 127.0.0.1 or its SERVER_URL.',
  });
