// Time under the test's control: it stands still until the test moves it.
import type { Clock } from '../../src/domain/clock.ts';
import { asError } from '../../src/domain/errors.ts';

interface Sleeper {
  at: number;
  wake: () => void;
}

export class SimulatedClock implements Clock {
  readonly #sleepers = new Set<Sleeper>();
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async until(at: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (at <= this.#now) return;
    let sleeper: Sleeper | undefined;
    let abort = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        sleeper = { at, wake: resolve };
        abort = () => reject(asError(signal.reason));
        this.#sleepers.add(sleeper);
        signal.addEventListener('abort', abort, { once: true });
      });
    } finally {
      if (sleeper) this.#sleepers.delete(sleeper);
      signal.removeEventListener('abort', abort);
    }
  }

  /** Moves time on; those whose time has come wake. */
  advance(ms: number): void {
    this.#now += ms;
    for (const { at, wake } of this.#sleepers) if (at <= this.#now) wake();
  }

  /** The times that are waited for. */
  get waitedFor(): number[] {
    return [...this.#sleepers].map(({ at }) => at);
  }
}
