// The newest facts, in memory, for watchers that come back with `since`.
import { changesTold, type Commit, type KeptFact } from '../domain/commit.ts';
import { HELD_FACTS } from './storage.ts';

/** Trimmed in steps, so that dropping the oldest costs nothing per fact. */
const TRIM_STEP = 2_000;

export class FactWindow {
  #facts: KeptFact[] = [];
  #lastSeq: number;

  /** @param lastSeq the number of the newest fact that is no longer held. */
  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  /** The number of the newest fact. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  add({ at, changes, facts }: Pick<Commit, 'at' | 'changes' | 'facts'>): void {
    for (const fact of facts) {
      // Behind a gap in the journal nothing before it can be told: a client that asks for it must read anew.
      if (fact.seq !== this.#lastSeq + 1) this.#facts = [];
      this.#facts.push({ fact, at, changes: changesTold(fact, changes) });
      this.#lastSeq = fact.seq;
    }
    if (this.#facts.length > HELD_FACTS + TRIM_STEP) this.#facts = this.#facts.slice(-HELD_FACTS);
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
