// A list that only grows, as an immutable value: every version sees its own length of one shared buffer.
// Appending to the newest version costs O(1); appending to an older one (after a commit was lost) copies once.

export class Log<T> {
  readonly #buffer: T[];
  readonly length: number;

  private constructor(buffer: T[], length: number) {
    this.#buffer = buffer;
    this.length = length;
  }

  /** A log of these entries. The array is taken over: the caller must not change it afterwards. */
  static from<T>(entries: T[]): Log<T> {
    return new Log(entries, entries.length);
  }

  /** The same for all versions of one log; what is made of its entries can be kept by it. */
  get origin(): object {
    return this.#buffer;
  }

  /** The log with `entries` behind it; this one stays as it was. */
  append(...entries: T[]): Log<T> {
    if (entries.length === 0) return this;
    const buffer = this.#buffer.length === this.length ? this.#buffer : this.#buffer.slice(0, this.length);
    buffer.push(...entries);
    return new Log(buffer, buffer.length);
  }

  at(index: number): T | undefined {
    return index < this.length ? this.#buffer.at(index < 0 ? this.length + index : index) : undefined;
  }

  /** The entries from `start` to the end, in an array of their own. */
  slice(start = 0): T[] {
    return this.#buffer.slice(start, this.length);
  }

  /** Files, journal and wire show a log as an array. */
  toJSON(): T[] {
    return this.slice();
  }
}
