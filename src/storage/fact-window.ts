// The newest facts, in memory, for watchers that come back with `since`.
import { changesTold, type Commit, type KeptFact } from '../domain/commit.ts';
import { HELD_FACTS } from './storage.ts';

/** Trimmed in steps, so that dropping the oldest costs nothing per fact. */
const TRIM_STEP = 2_000;
/** Large changes are held in smaller number: then a client that comes back late must read anew. */
const HELD_SIZE = 64 * 1024 * 1024;
const SPARE = 0.1;

export class FactWindow {
  readonly #facts: KeptFact[] = [];
  /** Of the changes of each, characters of JSON. */
  readonly #sizes: number[] = [];
  #size = 0;
  #lastSeq: number;

  /** @param lastSeq the number of the newest fact that is no longer held. */
  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  /** The number of the newest fact. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** @param length of the commit as JSON, where it is known. */
  add({ at, changes, facts }: Pick<Commit, 'at' | 'changes' | 'facts'>, length?: number): void {
    for (const fact of facts) {
      // Behind a gap in the journal nothing before it can be told: a client that asks for it must read anew.
      if (fact.seq !== this.#lastSeq + 1) this.#drop(this.#facts.length);
      const told = changesTold(fact, changes);
      const size = told.length === 0 ? 0 : (length ?? JSON.stringify(told).length);
      this.#facts.push({ fact, at, changes: told });
      this.#sizes.push(size);
      this.#size += size;
      this.#lastSeq = fact.seq;
    }
    if (this.#facts.length > HELD_FACTS + TRIM_STEP) this.#drop(this.#facts.length - HELD_FACTS);
    if (this.#size > HELD_SIZE) this.#drop(this.#surplus());
  }

  /** How many of the oldest must go, so that the rest is within the bound. */
  #surplus(): number {
    let size = this.#size;
    return this.#sizes.findIndex((each) => (size -= each) <= HELD_SIZE * (1 - SPARE)) + 1;
  }

  #drop(count: number): void {
    this.#facts.splice(0, count);
    for (const size of this.#sizes.splice(0, count)) this.#size -= size;
  }

  since(seq: number): KeptFact[] | undefined {
    if (seq === this.#lastSeq) return [];
    const first = this.#facts[0];
    if (!first || seq > this.#lastSeq || seq < first.fact.seq - 1) return undefined;
    return this.#facts.slice(seq + 1 - first.fact.seq);
  }

  /** The number of the oldest fact that must stay readable after a crash. */
  oldestSeq(): number {
    return this.#facts.at(-HELD_FACTS)?.fact.seq ?? this.#facts[0]?.fact.seq ?? this.#lastSeq + 1;
  }
}
