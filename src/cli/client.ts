// HTTP to the server.
// C1. What is repeated is not done twice: a POST carries one Idempotency-Key through all its attempts, the other methods
//     may be repeated as they are, and the 404 of a DELETE that was sent before means that it worked.
// C2. Every attempt has a limit in time, and so has the sum of all attempts.
import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import type { z } from 'zod';
import { attempt, requestOf, type Call, type CallOptions, type Target } from './call.ts';
import { CliError, exitCodes } from './errors.ts';
import { badAnswer, isServerAway } from './refusals.ts';
import { Done } from './views.ts';

export interface RetryPolicy {
  retries: number;
  /** Before the second attempt; doubled for each one after it. */
  delayMs: number;
  longestDelayMs: number;
  /** No attempt begins later than this after the first. */
  withinMs: number;
}

export interface ClientOptions extends Target {
  retry: RetryPolicy;
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
  remove(path: string): Promise<void>;
}

/** A call that takes longer tells that it waits; who has set a limit in time knows better what to tell. */
const slowMs = 3_000;

/** More than a server may ask us to wait is as good as a refusal. */
const longestRetryAfterMs = 30_000;

export function createClient(options: ClientOptions): Client {
  const away = { isTold: false };
  const ask = async <S extends z.ZodType>(call: Call, view: S): Promise<z.output<S>> => {
    const answer = await send(call, options, away);
    const parsed = view.safeParse(answer);
    if (!parsed.success) throw badAnswer(options.url, call.path, parsed.error);
    return parsed.data;
  };

  return {
    url: options.url,
    get: (path, view) => ask({ method: 'GET', path }, view),
    post: (path, body, view, more) => ask({ method: 'POST', path, body, ...more }, view),
    patch: (path, body, view, more) => ask({ method: 'PATCH', path, body, ...more }, view),
    remove: async (path) => {
      await ask({ method: 'DELETE', path }, Done);
    },
  };
}

/** Whether it was told that the server is away: who goes on asking for hours need not hear it each time. */
interface Away {
  isTold: boolean;
}

/** All attempts of one call; answers the parsed body of the first that worked. */
async function send(call: Call, { retry, ...target }: ClientOptions, away: Away): Promise<unknown> {
  const request = requestOf(call);
  let wasSent = false;

  const tryOnce = async (): Promise<unknown> => {
    const tellSlow = () => target.output.note(`${target.url} has not answered yet; waiting…`);
    const isOrdinary = call.timeoutMs === undefined && target.timeoutMs === undefined;
    const slow = isOrdinary ? setTimeout(tellSlow, slowMs) : undefined;
    try {
      return await attempt(call, request, target);
    } catch (thrown) {
      const isGone = thrown instanceof CliError && thrown.exitCode === exitCodes.notFound;
      if (call.method === 'DELETE' && wasSent && isGone) return { success: true };
      throw thrown;
    } finally {
      clearTimeout(slow);
      wasSent = true;
    }
  };

  const answer = await pRetry(tryOnce, {
    retries: retry.retries,
    minTimeout: retry.delayMs,
    maxTimeout: retry.longestDelayMs,
    maxRetryTime: retry.withinMs,
    factor: 2,
    shouldRetry: ({ error }) => isServerAway(error),
    onFailedAttempt: async ({ error, retriesLeft, attemptNumber }) => {
      if (!isServerAway(error)) return;
      if (retriesLeft === 0) away.isTold = retry.retries > 0;
      if (retriesLeft === 0) return;
      const askedMs = Math.min(error.retryAfterMs, longestRetryAfterMs);
      if (!away.isTold) target.output.note(againText(error, retry, attemptNumber, askedMs, target.url));
      await delay(askedMs);
    },
  });
  if (away.isTold) target.output.note(`${target.url} answers again`);
  away.isTold = false;
  return answer;
}

/** `no answer from http://…, trying again in 2 s (2 of 3)`. */
function againText(
  error: CliError,
  { retries, delayMs, longestDelayMs }: RetryPolicy,
  attemptNumber: number,
  askedMs: number,
  url: string,
): string {
  const pauseMs = Math.min(delayMs * 2 ** (attemptNumber - 1), longestDelayMs) + askedMs;
  const what =
    error.code === 'NO_CONNECTION' ? `no answer from ${url}` : `${url} is in trouble (${error.code})`;
  const count = Number.isFinite(retries) ? ` (${attemptNumber} of ${retries})` : '';
  return `${what}, trying again in ${Number((pauseMs / 1000).toFixed(1))} s${count}`;
}
