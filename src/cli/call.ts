// One attempt of one call, and what its answer means. Over node:http, as the fetch of Node 20 never settles when a server
// accepts a connection and closes it at once, which a server that is just dying does. It also starts sooner.
import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { accessTo, type Access, type Credentials } from './credentials.ts';
import type { Output } from './output.ts';
import { badAnswer, isServerAway, lostConnection, refusal, ServerAway } from './refusals.ts';

export interface CallOptions {
  /** For one attempt. */
  timeoutMs?: number;
  /** Asks for the short answer, without the whole session in it. */
  minimal?: boolean;
}

export interface Call extends CallOptions {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
}

export interface Target {
  /** The server's base, without a slash at its end. */
  url: string;
  credentials?: Credentials | undefined;
  /** For one attempt. */
  timeoutMs?: number;
  /** Hears what happens. */
  output: Pick<Output, 'note' | 'trace'>;
}

const defaultTimeoutMs = 30_000;

export interface Request {
  method: Call['method'];
  headers: OutgoingHttpHeaders;
  body?: string;
}

/** The same for all attempts of one call: so is the key by which the server knows a repeated POST. */
export function requestOf({ method, body, minimal = false }: Call): Request {
  const text = body && JSON.stringify(body);
  return {
    method,
    headers: {
      accept: 'application/json',
      ...(text !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      }),
      ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
      ...(minimal && { prefer: 'return=minimal' }),
    },
    ...(text !== undefined && { body: text }),
  };
}

/**
 * @returns the parsed body of a success
 * @throws CliError for a refusal; ServerAway when another attempt may do better
 */
export async function attempt(
  { method, path, timeoutMs }: Call,
  request: Request,
  target: Target,
): Promise<unknown> {
  const limitMs = timeoutMs ?? target.timeoutMs ?? defaultTimeoutMs;
  const url = `${target.url}${path}`;
  let access: Access | undefined;
  let answer: IncomingMessage;
  let text: string;
  try {
    const signal = AbortSignal.timeout(limitMs);
    access = await accessTo(target.url, target.credentials ?? {}, signal);
    answer = await send(url, request, access, signal);
    text = await textOf(answer);
  } catch (thrown) {
    if (isServerAway(thrown)) throw thrown;
    throw lostConnection(target.url, limitMs, thrown);
  } finally {
    access?.agent?.destroy();
  }
  const status = answer.statusCode ?? 0;
  target.output.trace(`${method} ${path} ${status}`);

  const body = parsedOrUndefined(text);
  const isOk = status >= 200 && status < 300;
  if (isOk && body !== undefined) return body;
  // A redirect is not followed: another place than the one that was asked for must not get the token, nor a second POST.
  if (status < 400) throw badAnswer(target.url, path);
  const error = refusal(status, body, path);
  if (status < 500) throw error;
  throw new ServerAway(error, retryAfterMs(answer.headers['retry-after']));
}

const send = (
  url: string,
  { method, headers, body }: Request,
  access: Access,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    request(url, {
      method,
      headers: { ...headers, ...access.headers },
      ...(access.agent && { agent: access.agent }),
      signal,
    })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something else than a Maestro server answers here, or a proxy in front of it.
    return undefined;
  }
}

function retryAfterMs(header = '0'): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
