// One attempt of one call over fetch, and what its answer means.
import { randomUUID } from 'node:crypto';
import type { Output } from './output.ts';
import { badAnswer, lostConnection, refusal, ServerAway } from './refusals.ts';

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
  token?: string | undefined;
  /** For one attempt. */
  timeoutMs?: number;
  /** Hears what happens. */
  output: Pick<Output, 'note' | 'trace'>;
}

const defaultTimeoutMs = 30_000;

/** The same for all attempts of one call: so is the key by which the server knows a repeated POST. */
export function requestOf({ method, body, minimal = false }: Call, { token }: Target): RequestInit {
  return {
    method,
    // Another place than the one that was asked for must not get the token, nor a second POST.
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
      ...(minimal && { prefer: 'return=minimal' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  };
}

/**
 * @returns the parsed body of a success
 * @throws CliError for a refusal; ServerAway when another attempt may do better
 */
export async function attempt(
  { method, path, timeoutMs }: Call,
  request: RequestInit,
  target: Target,
): Promise<unknown> {
  const limitMs = timeoutMs ?? target.timeoutMs ?? defaultTimeoutMs;
  const url = `${target.url}${path}`;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, { ...request, signal: AbortSignal.timeout(limitMs) });
    text = await answer.text();
  } catch (thrown) {
    throw lostConnection(target.url, limitMs, thrown);
  }
  target.output.trace(`${method} ${path} ${answer.status}`);

  const body = parsedOrUndefined(text);
  if (answer.ok && body !== undefined) return body;
  if (answer.ok || answer.status < 400) throw badAnswer(target.url, path);
  const error = refusal(answer.status, body, path);
  if (answer.status < 500) throw error;
  throw new ServerAway(error, retryAfterMs(answer.headers));
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something else than a Maestro server answers here, or a proxy in front of it.
    return undefined;
  }
}

function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
