// Takes the next task of a queue, and waits for one while there is none. The server may be restarted meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import type { Invocation } from '../invocation.ts';
import { isServerAway } from '../refusals.ts';
import { QueueMoveView } from '../views.ts';

interface Patience {
  intervalMs: number;
  /** Infinity: for ever. */
  timeoutMs: number;
}

type Started = z.infer<typeof QueueMoveView>;

/**
 * @param path the queue's `start`
 * @returns the item, or `empty: true` when none came in time
 * @throws CliError for a refusal; for a lost connection only when the server was not there to begin with
 */
export async function startNext(
  { client, output }: Invocation,
  path: string,
  { intervalMs, timeoutMs }: Patience,
): Promise<Started> {
  const until = Date.now() + timeoutMs;
  let last = await client.post(path, {}, QueueMoveView);
  if (last.empty === true) output.note(`The queue is empty; waiting for a task ${limitText(timeoutMs)}…`);
  while (last.empty === true && Date.now() < until) {
    await delay(Math.min(intervalMs, Math.max(until - Date.now(), 0)));
    last = await client.post(path, {}, QueueMoveView).catch((thrown: unknown) => {
      if (isServerAway(thrown)) return last;
      throw thrown;
    });
  }
  return last;
}

const limitText = (timeoutMs: number): string =>
  timeoutMs === Infinity ? 'until one comes' : `for up to ${Number((timeoutMs / 60_000).toFixed(1))} min`;
