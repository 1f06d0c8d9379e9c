// Chance that can be repeated: give the seed that a failure printed as STORAGE_SEED.
import { onTestFailed } from 'vitest';

export interface Chance {
  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

/** Seeded by the environment, or anew for each test; the seed is printed when the test fails. */
export function chance(): Chance {
  const seed = Number(process.env['STORAGE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => {
    console.error(`chance was seeded with STORAGE_SEED=${seed}`);
  });
  const next = numbersFrom(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: <T>(list: readonly T[]): T => {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}

/** Numbers from 0 up to, and without, 1: the same for the same seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
