// The first-in-first-out queue in front of a supervisor: one command at a time, each until its commit is durable.
// p-queue has no bound of its own, its `timeout` would let two run at once and its clear() leaves callers waiting for
// ever: so the size is checked first, and every waiting command hangs on one signal.
import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';
import { asError, MaestroError } from '../domain/errors.ts';

/** Commands that may wait for one session. Its agent sends a few a second; more is a fault or an attack. */
export const MAILBOX_SIZE = 1_000;

export class Mailbox {
  readonly #queue = new PQueue({ concurrency: 1 });
  readonly #closing = new AbortController();

  constructor() {
    // A listener for each command that waits: Node would take more than ten for a leak.
    setMaxListeners(MAILBOX_SIZE + 1, this.#closing.signal);
  }

  /**
   * Runs `work` when all before it are done.
   * @throws MaestroError OVERLOADED when the mailbox is full; what `work` throws; the reason of close() if it never ran.
   */
  async add<T>(work: () => Promise<T>): Promise<T> {
    if (this.#queue.size >= MAILBOX_SIZE) {
      const message = `${MAILBOX_SIZE} commands wait for this session already; try again in a moment`;
      throw new MaestroError('OVERLOADED', message);
    }
    const { signal } = this.#closing;
    if (signal.aborted) throw asError(signal.reason);
    let running: Promise<T> | undefined;
    try {
      return await this.#queue.add(() => (running = work()), { signal });
    } catch (error) {
      // The signal also lets go of the command that runs: what became of it, its caller must know all the same.
      if (running) return await running;
      throw error;
    }
  }

  /** Whether nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#queue.size === 0 && this.#queue.pending === 0;
  }

  /** What waits is refused with `reason`; what runs goes on to its end. */
  close(reason: Error): void {
    this.#closing.abort(reason);
  }
}
