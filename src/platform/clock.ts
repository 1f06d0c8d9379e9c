import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';

/** setTimeout takes no more; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. Its waits keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async until(at, signal) {
    signal.throwIfAborted();
    for (let left = at - Date.now(); left > 0; left = at - Date.now())
      await sleep(Math.min(left, LONGEST_TIMER_MS), undefined, { signal, ref: false });
  },
};
