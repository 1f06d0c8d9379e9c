// How much of the loop the files get. While nobody else uses it, they get it in short slices; while requests keep it at
// work, little, and more only as the files fall back behind the journal: then commits are to slow down rather than stop.
import { performance } from 'node:perf_hooks';

const SLICE_MS = 3;
const BUSY_SLICE_MS = 1;
const BUSY_BREATH_MS = 25;
/** A burst of requests goes first until the files are so far behind; from there on they get more, and then take turns. */
const BEHIND_BYTES = 32 * 1024 * 1024;
const FAR_BEHIND_BYTES = 48 * 1024 * 1024;
/** The loop is looked at over no less than this. */
const WINDOW_MS = 20;
/** Others keep the loop busy when it works for them for more than this part of the time. */
const BUSY = 0.5;

export class Pace {
  /** The monotonic time in milliseconds. */
  readonly #monotonic: () => number;
  #isBusy = false;
  #windowBegan: number;
  #activeBefore = activeMs();
  /** The time that slices took in this window. */
  #own = 0;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#windowBegan = monotonic();
  }

  /** For how long a slice may write. */
  sliceMs(): number {
    this.#look();
    return this.#isBusy ? BUSY_SLICE_MS : SLICE_MS;
  }

  /** A slice took so long. @returns how long the loop belongs to others now */
  breathAfter(tookMs: number, behindBytes: number): number {
    this.#own += tookMs;
    if (!this.#isBusy) return 0;
    const far = (behindBytes - BEHIND_BYTES) / (FAR_BEHIND_BYTES - BEHIND_BYTES);
    return BUSY_BREATH_MS * (1 - Math.min(1, Math.max(0, far)));
  }

  #look(): void {
    const now = this.#monotonic();
    const past = now - this.#windowBegan;
    if (past < WINDOW_MS) return;
    const active = activeMs();
    this.#isBusy = (active - this.#activeBefore - this.#own) / past > BUSY;
    this.#windowBegan = now;
    this.#activeBefore = active;
    this.#own = 0;
  }
}

/** For how long the loop has been at work since the process began. */
const activeMs = (): number => performance.eventLoopUtilization().active;
