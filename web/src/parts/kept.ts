import { useState } from 'react';

const kept = new Map<string, unknown>();

/** A state that is still there when one comes back to the view; a reload forgets it. */
export function useKept<T>(name: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState((): T => (kept.has(name) ? (kept.get(name) as T) : initial));
  const keep = (next: T): void => {
    kept.set(name, next);
    setValue(next);
  };
  return [value, keep];
}
