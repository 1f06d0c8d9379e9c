import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';

/** setTimeout takes no more; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** How far the machine's clock is ahead of the time that only runs on; grows when it is set forward or wakes from sleep. */
let ahead = Number.NEGATIVE_INFINITY;

/**
 * The machine's clock, but for one thing: set back under a running process, it goes on from where it was. So what
 * happened later has no earlier time, no duration is below zero, and a deadline comes when it was to come.
 */
function now(): number {
  const steady = performance.now();
  ahead = Math.max(ahead, Date.now() - steady);
  return Math.floor(steady + ahead);
}

/** Its waits keep no process alive. */
export const systemClock: Clock = {
  now,
  async until(at, signal) {
    signal.throwIfAborted();
    for (let left = at - now(); left > 0; left = at - now())
      await sleep(Math.min(left, LONGEST_TIMER_MS), undefined, { signal, ref: false });
  },
};
