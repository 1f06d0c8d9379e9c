// The JSON of a commit, without its images. What a commit holds never changes once it was given, so the text of a large
// one is made in slices, between which others get the loop.
import type { Change, Commit } from '../domain/commit.ts';
import type { Fact } from '../domain/facts.ts';

/** Changes and facts whose text is made at once. */
const SLICE = 500;

export class CommitText {
  readonly #number: number;
  readonly #at: number;
  readonly #changes: readonly Change[];
  readonly #facts: readonly Fact[];
  #changeTexts: string[] = [];
  #text: string | null = null;
  /** Resolves when the text is made; null when it is. */
  readonly ready: Promise<void> | null;

  constructor({ number, at, changes, facts }: Commit) {
    this.#number = number;
    this.#at = at;
    // The lists are the caller's; what stands in them is immutable.
    this.#changes = [...changes];
    this.#facts = [...facts];
    if (changes.length + facts.length > SLICE) {
      this.ready = this.#makeInSlices();
      this.ready.catch(() => undefined); // Whoever needs the text awaits it.
    } else {
      this.ready = null;
      this.#changeTexts = this.#changes.map((change) => JSON.stringify(change));
      this.#finish(this.#facts.map((fact) => JSON.stringify(fact)));
    }
  }

  /** @throws Error while the text is not ready. */
  get text(): string {
    if (this.#text === null) throw new Error('the text of the commit is not made yet');
    return this.#text;
  }

  /** The changes that are told with a fact under `view=changes`, as a JSON list; '' when there are none. */
  changesOf({ type, id }: Fact): string {
    if (type !== 'session:updated') return '';
    const told = this.#changeTexts.filter((_, index) => {
      const change = this.#changes[index];
      return change?.kind === 'session' && change.id === id;
    });
    return told.length === 0 ? '' : `[${told.join(',')}]`;
  }

  async #makeInSlices(): Promise<void> {
    const factTexts: string[] = [];
    for (let start = 0; start < this.#changes.length; start += SLICE) {
      await new Promise(setImmediate);
      for (const change of this.#changes.slice(start, start + SLICE))
        this.#changeTexts.push(JSON.stringify(change));
    }
    for (let start = 0; start < this.#facts.length; start += SLICE) {
      await new Promise(setImmediate);
      for (const fact of this.#facts.slice(start, start + SLICE)) factTexts.push(JSON.stringify(fact));
    }
    this.#finish(factTexts);
  }

  #finish(factTexts: string[]): void {
    const [changes, facts] = [this.#changeTexts.join(','), factTexts.join(',')];
    this.#text = `{"number":${this.#number},"at":${this.#at},"changes":[${changes}],"facts":[${facts}]}`;
  }
}
