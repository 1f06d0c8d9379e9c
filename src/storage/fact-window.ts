// The newest facts, in memory, for watchers that come back with `since`. Two bounds: how many facts are held, and how
// many bytes of changes (`view=changes`) are held with them. A fact is small: what is large in it is a reference.
import type { Change, KeptFact } from '../domain/commit.ts';
import type { Fact } from '../domain/facts.ts';
import { HELD_FACTS } from './storage.ts';

/** Trimmed in steps, so that dropping the oldest costs nothing per fact. */
const TRIM_STEP = 2_000;
/** Of the JSON of changes; past it the oldest facts are held without theirs. */
export const HELD_CHANGES_BYTES = 5 * 1024 * 1024;

/** A fact with the changes of its session as a JSON list: '' when it has none, null when they are not held any more. */
export interface HeldFact {
  fact: Fact;
  at: number;
  changes: string | null;
}

export class FactWindow {
  #facts: HeldFact[] = [];
  #changesBytes = 0;
  /** Facts before this index are held without changes. */
  #firstExact = 0;
  #lastSeq: number;
  /** The newest fact whose changes are not held any more. */
  #lastInexact = 0;

  /** @param lastSeq the number of the newest fact that is not held. */
  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  /** The number of the newest fact. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  add(held: HeldFact): void {
    const { fact, changes } = held;
    // Behind a gap nothing before it can be replayed: a client that asks for it must read anew.
    if (fact.seq !== this.#lastSeq + 1) this.#drop(this.#facts.length);
    this.#facts.push(held);
    this.#lastSeq = fact.seq;
    if (changes === null) this.#lastInexact = fact.seq;
    else this.#changesBytes += changes.length;
    if (this.#facts.length > HELD_FACTS + TRIM_STEP) this.#drop(this.#facts.length - HELD_FACTS);
    while (this.#changesBytes > HELD_CHANGES_BYTES) this.#forgetChanges();
  }

  #drop(count: number): void {
    for (const { changes } of this.#facts.slice(this.#firstExact, count))
      this.#changesBytes -= changes?.length ?? 0;
    this.#facts = this.#facts.slice(count);
    this.#firstExact = Math.max(0, this.#firstExact - count);
  }

  /** The oldest fact that is held with its changes is from now on held without them. */
  #forgetChanges(): void {
    const held = this.#facts[this.#firstExact];
    if (!held) return;
    this.#changesBytes -= held.changes?.length ?? 0;
    if (held.changes !== '') {
      this.#facts[this.#firstExact] = { ...held, changes: null };
      this.#lastInexact = held.fact.seq;
    }
    this.#firstExact += 1;
  }

  /**
   * The facts after `seq`, oldest first.
   * @param exact whether each needs its changes
   * @returns undefined when what is asked for is not all held, or `seq` lies ahead.
   */
  since(seq: number, exact = false): KeptFact[] | undefined {
    if (seq === this.#lastSeq) return [];
    if (exact && seq < this.#lastInexact) return undefined;
    return this.heldSince(seq)?.map(keptOf);
  }

  /** The same, as they are held. */
  heldSince(seq: number): HeldFact[] | undefined {
    const first = this.#facts[0];
    if (seq === this.#lastSeq) return [];
    if (!first || seq > this.#lastSeq || seq < first.fact.seq - 1) return undefined;
    return this.#facts.slice(seq + 1 - first.fact.seq);
  }

  /** The number of the oldest fact that is held; one above the newest when none is. */
  get oldestSeq(): number {
    return this.#facts[0]?.fact.seq ?? this.#lastSeq + 1;
  }
}

/** The changes are parsed when they are read: most replays show entities as they are now. */
const keptOf = ({ fact, at, changes }: HeldFact): KeptFact => ({
  fact,
  at,
  get changes() {
    return changes ? (JSON.parse(changes) as Change[]) : [];
  },
});
