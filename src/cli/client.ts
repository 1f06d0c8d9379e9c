// HTTP to the server, over fetch.
// C1. What is repeated is not done twice: a POST carries one Idempotency-Key through all its attempts, the other methods
//     may be repeated as they are, and the 404 of a DELETE that was sent before means that it worked.
// C2. Every attempt has a limit in time, and so has the sum of all attempts.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import type { z } from 'zod';
import { CliError, exitCodes } from './errors.ts';
import type { Output } from './output.ts';
import { badAnswer, isRepeatable, lostConnection, refusal, RepeatableError } from './refusals.ts';
import { Done } from './views.ts';

export interface RetryPolicy {
  retries: number;
  /** Before the second attempt; doubled for each one after it. */
  delayMs: number;
  longestDelayMs: number;
  /** No attempt begins later than this after the first. */
  withinMs: number;
}

export interface ClientOptions {
  /** The server's base, without a slash at its end. */
  url: string;
  token: string | undefined;
  retry: RetryPolicy;
  /** For one attempt. */
  timeoutMs?: number;
  /** Hears what happens. */
  output: Pick<Output, 'note' | 'trace'>;
}

export interface CallOptions {
  timeoutMs?: number;
  /** Asks for the short answer, without the whole session in it. */
  minimal?: boolean;
}

export interface Client {
  readonly url: string;
  /** @throws CliError for a refusal, a lost connection or an answer that is none */
  get<S extends z.ZodType>(path: string, view: S): Promise<z.output<S>>;
  post<S extends z.ZodType>(path: string, body: object, view: S, options?: CallOptions): Promise<z.output<S>>;
  patch<S extends z.ZodType>(
    path: string,
    body: object,
    view: S,
    options?: CallOptions,
  ): Promise<z.output<S>>;
  put<S extends z.ZodType>(path: string, body: object, view: S): Promise<z.output<S>>;
  remove(path: string): Promise<void>;
}

interface Call extends CallOptions {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
}

const defaultTimeoutMs = 30_000;
/** More than a server may ask us to wait is as good as a refusal. */
const longestRetryAfterMs = 30_000;

export function createClient(options: ClientOptions): Client {
  const ask = async <S extends z.ZodType>(call: Call, view: S): Promise<z.output<S>> => {
    const answer = await send(call, options);
    const parsed = view.safeParse(answer);
    if (!parsed.success) throw badAnswer(options.url, call.path, parsed.error);
    return parsed.data;
  };

  return {
    url: options.url,
    get: (path, view) => ask({ method: 'GET', path }, view),
    post: (path, body, view, more) => ask({ method: 'POST', path, body, ...more }, view),
    patch: (path, body, view, more) => ask({ method: 'PATCH', path, body, ...more }, view),
    put: (path, body, view) => ask({ method: 'PUT', path, body }, view),
    remove: async (path) => {
      await ask({ method: 'DELETE', path }, Done);
    },
  };
}

/** All attempts of one call; answers the parsed body of the first that worked. */
async function send(call: Call, { retry, ...options }: ClientOptions): Promise<unknown> {
  const request = requestOf(call, options);
  let wasSent = false;

  const attempt = async (): Promise<unknown> => {
    try {
      return await attemptOnce(call, request, options);
    } catch (thrown) {
      const isGone = thrown instanceof CliError && thrown.exitCode === exitCodes.notFound;
      if (call.method === 'DELETE' && wasSent && isGone) return { success: true };
      throw thrown;
    } finally {
      wasSent = true;
    }
  };

  return pRetry(attempt, {
    retries: retry.retries,
    minTimeout: retry.delayMs,
    maxTimeout: retry.longestDelayMs,
    maxRetryTime: retry.withinMs,
    factor: 2,
    shouldRetry: ({ error }) => isRepeatable(error),
    onFailedAttempt: async ({ error, retriesLeft }) => {
      if (!isRepeatable(error) || retriesLeft === 0) return;
      options.output.note(`${error.message}; trying again`);
      await delay(Math.min(error.retryAfterMs, longestRetryAfterMs));
    },
  });
}

function requestOf(
  { method, body, minimal = false }: Call,
  { token }: Pick<ClientOptions, 'token'>,
): RequestInit {
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

async function attemptOnce(
  { method, path, timeoutMs }: Call,
  request: RequestInit,
  options: Omit<ClientOptions, 'retry'>,
): Promise<unknown> {
  const limitMs = timeoutMs ?? options.timeoutMs ?? defaultTimeoutMs;
  const url = `${options.url}${path}`;
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, { ...request, signal: AbortSignal.timeout(limitMs) });
    text = await answer.text();
  } catch (thrown) {
    throw lostConnection(options.url, limitMs, thrown);
  }
  options.output.trace(`${method} ${path} ${answer.status}`);

  const body = parsedOrUndefined(text);
  if (answer.ok && body !== undefined) return body;
  if (answer.ok || answer.status < 400) throw badAnswer(options.url, path);
  const error = refusal(answer.status, body, path);
  if (answer.status < 500) throw error;
  throw new RepeatableError(error, retryAfterMs(answer.headers));
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
