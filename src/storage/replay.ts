// Applies the changes of a commit to records in the shape of their files. Replaying over a newer file adds nothing
// twice: a field gets its last value, an item of a list goes to its own place.
import type { Change } from '../domain/commit.ts';
import type { JsonObject } from '../domain/fields.ts';
import { keyOf } from '../domain/records.ts';

/**
 * @param files the records by key, changed in place.
 * @returns the key of the record, and whether the change found what it is a part of: a `set` or `write` without its
 * record means that the record's file is gone (or that a later change drops it).
 */
export function applyChange(
  files: Map<string, JsonObject>,
  change: Change,
): { key: string; applied: boolean } {
  const key = keyOf(change.kind, change.id);
  if (change.op === 'put') {
    files.set(key, change.record);
    return { key, applied: true };
  }
  if (change.op === 'drop') {
    files.delete(key);
    return { key, applied: true };
  }
  const file = files.get(key);
  if (!file) return { key, applied: false };
  if (change.op === 'set') {
    Object.assign(file, change.fields);
    for (const name of change.gone ?? []) delete file[name];
    return { key, applied: true };
  }
  const present = file[change.list];
  const list: unknown[] = Array.isArray(present) ? present : [];
  // A hole would mean that items before `at` were lost with their commit: the rest closes up behind what is there.
  const at = Math.min(change.at, list.length);
  for (const [index, item] of change.items.entries()) list[at + index] = item;
  file[change.list] = list;
  return { key, applied: true };
}
