// What is kept for callers, by age: how much there is of it, and what has to go. One caller holds at most three quarters
// of the places and bytes, so that nobody can push out all that is kept for others.
// Costs do not depend on how much is kept: each set below is in the order of age.

/** Of the places and of the bytes. */
const LARGEST_SHARE = 0.75;

export interface Kept {
  caller: string;
  bytes: number;
  /** Unix milliseconds. */
  createdAt: number;
}

export interface Limits {
  places: number;
  bytes: number;
}

interface Holding {
  ids: Set<string>;
  bytes: number;
}

export class FairShare {
  readonly #limits: Limits;
  readonly #share: Limits;
  readonly #kept = new Map<string, Kept>();
  readonly #holdings = new Map<string, Holding>();
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#share = { places: limits.places * LARGEST_SHARE, bytes: limits.bytes * LARGEST_SHARE };
  }

  get size(): Limits {
    return { places: this.#kept.size, bytes: this.#bytes };
  }

  /** Enters what was just kept: it is the newest. */
  add(id: string, kept: Kept): void {
    this.remove(id);
    this.#kept.set(id, kept);
    this.#bytes += kept.bytes;
    const holding = this.#holdings.get(kept.caller) ?? { ids: new Set(), bytes: 0 };
    holding.ids.add(id);
    holding.bytes += kept.bytes;
    this.#holdings.set(kept.caller, holding);
  }

  remove(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    this.#bytes -= kept.bytes;
    const holding = this.#holdings.get(kept.caller);
    if (!holding) return;
    holding.ids.delete(id);
    holding.bytes -= kept.bytes;
    if (holding.ids.size === 0) this.#holdings.delete(kept.caller);
  }

  /** Whether something has to go after `caller` got something; `slack` is the part of the limits that may be exceeded. */
  isOver(caller: string, slack = 0): boolean {
    const holding = this.#holdings.get(caller);
    const held = { places: holding?.ids.size ?? 0, bytes: holding?.bytes ?? 0 };
    return exceeds(this.size, this.#limits, slack) || exceeds(held, this.#share, slack);
  }

  /** The ids of what has to go, and takes them out: too old, the oldest of who holds too much, the oldest of all. */
  surplus(expiredAt: number): string[] {
    const gone: string[] = [];
    const take = (id: string): void => {
      this.remove(id);
      gone.push(id);
    };
    for (const [id, { createdAt }] of this.#kept) {
      if (createdAt >= expiredAt) break;
      take(id);
    }
    for (const holding of this.#holdings.values())
      for (const id of holding.ids) {
        if (!exceeds({ places: holding.ids.size, bytes: holding.bytes }, this.#share)) break;
        take(id);
      }
    for (const id of this.#kept.keys()) {
      if (!exceeds(this.size, this.#limits)) break;
      take(id);
    }
    return gone;
  }
}

const exceeds = (size: Limits, limits: Limits, slack = 0): boolean =>
  size.places > limits.places * (1 + slack) || size.bytes > limits.bytes * (1 + slack);
