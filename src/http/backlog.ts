// What waits for watchers that do not read, all of them together. A text that many wait for is held once, and counts once.

/** The text of a fact, as it goes to every watcher of one view. */
export interface Message {
  readonly text: string;
  /** Watchers that wait for it. */
  holders: number;
}

export class Backlog {
  #characters = 0;

  /** Of all texts that somebody waits for. */
  get characters(): number {
    return this.#characters;
  }

  hold(message: Message): void {
    if (message.holders === 0) this.#characters += message.text.length;
    message.holders += 1;
  }

  release(message: Message): void {
    message.holders -= 1;
    if (message.holders === 0) this.#characters -= message.text.length;
  }
}
