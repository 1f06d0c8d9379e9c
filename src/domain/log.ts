// A list that only grows, as an immutable value: every version sees its own length of one shared buffer.
// Appending to the newest version costs O(1); appending to an older one (after a commit was lost) copies once.
// What is looked up in a log (ids, sizes) is indexed once for all versions: an index only grows with the buffer, and
// each version reads of it what lies within its own length.

/** What all versions of one log share. */
interface Shared<T> {
  readonly items: T[];
  /** Where each id stands first, of the items that were indexed so far; made when it is first asked for. */
  ids: Map<unknown, number> | null;
  indexed: number;
  /** The bytes of JSON up to the end of each item that was measured so far, a comma for each included. */
  readonly ends: number[];
}

export class Log<T> {
  readonly #shared: Shared<T>;
  readonly length: number;

  private constructor(shared: Shared<T>, length: number) {
    this.#shared = shared;
    this.length = length;
  }

  /** A log of these entries. The array is taken over: the caller must not change it afterwards. */
  static from<T>(entries: T[]): Log<T> {
    return new Log({ items: entries, ids: null, indexed: 0, ends: [] }, entries.length);
  }

  /** The same for all versions of one log; what is made of its entries can be kept by it. */
  get origin(): object {
    return this.#shared;
  }

  /** The log with `entries` behind it; this one stays as it was. */
  append(entries: readonly T[]): Log<T> {
    if (entries.length === 0) return this;
    const isNewest = this.#shared.items.length === this.length;
    const shared = isNewest
      ? this.#shared
      : {
          items: this.#shared.items.slice(0, this.length),
          ids: null,
          indexed: 0,
          ends: this.#shared.ends.slice(0, this.length),
        };
    // One by one: the arguments of a call are limited by the stack.
    for (const entry of entries) shared.items.push(entry);
    return new Log(shared, shared.items.length);
  }

  at(index: number): T | undefined {
    return index < this.length ? this.#shared.items.at(index < 0 ? this.length + index : index) : undefined;
  }

  /** The entries from `start` to the end, in an array of their own. */
  slice(start = 0): T[] {
    return this.#shared.items.slice(start, this.length);
  }

  /** Whether an entry has this id. Costs O(1) once the entries before were looked at. */
  hasId(this: Log<{ id: string }>, id: string): boolean {
    const shared = this.#shared;
    const ids = (shared.ids ??= new Map<unknown, number>());
    for (; shared.indexed < this.length; shared.indexed += 1) {
      const known = shared.items[shared.indexed]?.id;
      if (!ids.has(known)) ids.set(known, shared.indexed);
    }
    const index = ids.get(id);
    return index !== undefined && index < this.length;
  }

  /** The size of the log as JSON. Costs O(1) once the entries before were measured. */
  get jsonBytes(): number {
    const { items, ends } = this.#shared;
    while (ends.length < this.length) {
      const json = JSON.stringify(items[ends.length]);
      ends.push((ends.at(-1) ?? 0) + Buffer.byteLength(json) + 1);
    }
    // The last comma is one too many; two brackets stand around the entries.
    return this.length === 0 ? 2 : (ends[this.length - 1] ?? 0) + 1;
  }

  /** Files, journal and wire show a log as an array. */
  toJSON(): T[] {
    return this.slice();
  }
}
