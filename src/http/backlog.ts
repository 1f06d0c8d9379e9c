// What waits for watchers that do not read, all of them together. What many wait for is held once, and counts once.

/** A fact as it goes to every watcher of one view. In bytes: of a text the socket of each would make its own. */
export interface Message {
  readonly bytes: Buffer;
  /** Watchers that wait for it. */
  holders: number;
}

export class Backlog {
  #bytes = 0;

  /** Of all that somebody waits for. */
  get bytes(): number {
    return this.#bytes;
  }

  hold(message: Message): void {
    if (message.holders === 0) this.#bytes += message.bytes.length;
    message.holders += 1;
  }

  release(message: Message): void {
    message.holders -= 1;
    if (message.holders === 0) this.#bytes -= message.bytes.length;
  }
}
