// Gives memory back that a burst of requests took, about two seconds after it. V8 does so by itself, but only after some
// fifteen seconds without work (150 spawns of 1 MB: 50 MiB until then). A collection stops the process for some tens of
// milliseconds, so it is made only while the event loop has nothing to do, and only of a heap that is small.
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_MS = 1_000;
/** The loop counts as idle when it works for less than this part of the time. */
const IDLE = 0.02;
const GROWTH_BYTES = 16 * 1024 * 1024;
const LARGEST_HEAP_BYTES = 128 * 1024 * 1024;

/** Looks now and then for as long as the process runs. */
export function releaseIdleMemory(): void {
  const collect = collector();
  let least = process.memoryUsage.rss();
  let before = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const isIdle = performance.eventLoopUtilization(now, before).utilization < IDLE;
    before = now;
    const rss = process.memoryUsage.rss();
    least = Math.min(least, rss);
    if (!isIdle || rss < least + GROWTH_BYTES) return;
    if (process.memoryUsage().heapUsed < LARGEST_HEAP_BYTES) collect();
    // What a collection does not give back is in use.
    least = process.memoryUsage.rss();
  }, LOOK_MS).unref();
}

/** Node shows the collector only under a flag, which it also takes while it runs. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
