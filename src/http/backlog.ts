// What watchers have not read, all of them together: what waits for them, and what their sockets hold. What is the same for
// many is held once, and counts once.

/** A fact as it goes to every watcher of one view. In bytes: of a text the socket of each would make its own. */
export interface Message {
  readonly bytes: Buffer;
  /** Watchers that have not read it. */
  holders: number;
}

/** What may be unread by all watchers together. */
const BOUND = 64 * 1024 * 1024;

export class Backlog {
  #bytes = 0;
  readonly #relieve: () => void;

  /** @param relieve called when more is held than may be */
  constructor(relieve: () => void) {
    this.#relieve = relieve;
  }

  get isTooLarge(): boolean {
    return this.#bytes > BOUND;
  }

  hold(message: Message): void {
    if (message.holders === 0) this.#bytes += message.bytes.length;
    message.holders += 1;
    if (this.isTooLarge) this.#relieve();
  }

  release(message: Message): void {
    message.holders -= 1;
    if (message.holders === 0) this.#bytes -= message.bytes.length;
  }
}
