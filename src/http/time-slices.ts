// Long work in slices: each turn of the event loop gets a few milliseconds of it, requests and answers go between.

/** What a turn of the event loop may spend on it. */
const SLICE_MS = 5;

/** A short step of some work. @returns whether there is more to do */
export type Step = () => boolean;

export class TimeSlices {
  /** In turns: a piece of work that has more to do goes to the end. */
  #queue: Step[] = [];
  #isScheduled = false;
  readonly #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Calls `step`, from the next turn of the event loop on, until it returns false. A throw ends this work alone. */
  add(step: Step): void {
    this.#queue.push(step);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  #run(): void {
    const end = this.#now() + SLICE_MS;
    try {
      do {
        const step = this.#queue.shift();
        if (!step) return;
        if (step()) this.#queue.push(step);
      } while (this.#now() < end);
    } finally {
      if (this.#queue.length > 0) this.#schedule();
    }
  }
}
