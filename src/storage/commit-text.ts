// The JSON of a commit, without its images. What a commit holds never changes once it was given, so the text of a large
// one is made in slices, between which others get the loop.
import { changesTold, type Change, type Commit } from '../domain/commit.ts';
import type { Fact } from '../domain/facts.ts';

/** Changes and facts whose text is made at once. */
const SLICE = 500;

export class CommitText {
  readonly #number: number;
  readonly #at: number;
  readonly #changes: readonly Change[];
  readonly #facts: readonly Fact[];
  #text: string | null = null;
  #told: (fact: Fact) => string[] = () => [];
  /** Resolves when the text is made; null when it is. */
  readonly ready: Promise<void> | null;

  constructor({ number, at, changes, facts }: Commit) {
    this.#number = number;
    this.#at = at;
    // The lists are the caller's; what stands in them is immutable.
    this.#changes = [...changes];
    this.#facts = [...facts];
    const slices = this.#make();
    this.ready = slices.next().done === true ? null : inTurns(slices);
    this.ready?.catch(() => undefined); // Whoever needs the text awaits it.
  }

  /** @throws Error while the text is not ready. */
  get text(): string {
    if (this.#text === null) throw new Error('the text of the commit is not made yet');
    return this.#text;
  }

  /** The changes that are told with a fact under `view=changes`, as a JSON list; '' when there are none. */
  changesOf(fact: Fact): string {
    const told = this.#told(fact);
    return told.length === 0 ? '' : `[${told.join(',')}]`;
  }

  *#make(): Generator<void> {
    const changes: string[] = [];
    const facts: string[] = [];
    for (const [values, texts] of [
      [this.#changes, changes],
      [this.#facts, facts],
    ] as const)
      for (const value of values) {
        texts.push(JSON.stringify(value));
        if ((changes.length + facts.length) % SLICE === 0) yield;
      }
    this.#told = changesTold(this.#changes, changes);
    this.#text = `{"number":${this.#number},"at":${this.#at},"changes":[${changes.join(',')}],"facts":[${facts.join(',')}]}`;
  }
}

async function inTurns(slices: Generator<void>): Promise<void> {
  do await new Promise(setImmediate);
  while (slices.next().done !== true);
}
