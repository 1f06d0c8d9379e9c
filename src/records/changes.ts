// What a turn did to a record, as the journal holds it: the whole record when it is new or small, else only what is new.
import type { Change } from '../domain/commit.ts';
import type { JsonObject } from '../domain/fields.ts';
import { Log } from '../domain/log.ts';
import { projectOf, recordKinds, type AnyRecord, type RecordKind } from '../domain/records.ts';

/** A record of any kind whose JSON is longer is committed in parts: a small change of it costs a small commit. */
const LARGE_CHARACTERS = 16 * 1024;

/** @returns nothing when the two are the same value. */
export function changesOf(
  kind: RecordKind,
  id: string,
  before: AnyRecord | undefined,
  after: AnyRecord | undefined,
): Change[] {
  if (before === after) return [];
  if (!after) return before ? [{ op: 'drop', kind, id, projectId: projectOf(kind, before) }] : [];
  const { partial, lists } = recordKinds[kind];
  if (!before || partial === 'never' || (partial === 'large' && !isLarge(before)))
    // A record is plain JSON that never changes: the compiler does not see it in the type of a union.
    return [{ op: 'put', kind, id, record: after as unknown as JsonObject }];
  const old: Record<string, unknown> = { ...before };
  const fresh: Record<string, unknown> = { ...after };
  return [
    ...setOf(kind, id, old, fresh, lists),
    ...lists.flatMap((list) => writesOf(kind, id, list, old[list], fresh[list])),
  ];
}

function setOf(
  kind: RecordKind,
  id: string,
  old: Record<string, unknown>,
  fresh: Record<string, unknown>,
  lists: readonly string[],
): Change[] {
  const fields: Record<string, unknown> = {};
  const gone: string[] = [];
  for (const [name, value] of Object.entries(fresh))
    if (value !== undefined && value !== old[name] && !lists.includes(name)) fields[name] = value;
  for (const name of Object.keys(old))
    if (old[name] !== undefined && fresh[name] === undefined) gone.push(name);
  if (Object.keys(fields).length === 0 && gone.length === 0) return [];
  return [{ op: 'set', kind, id, fields, ...(gone.length > 0 ? { gone } : {}) }];
}

/** A log tells its new end; an array the runs of places that hold another item than before. */
function writesOf(kind: RecordKind, id: string, list: string, before: unknown, after: unknown): Change[] {
  if (before === after) return [];
  if (after instanceof Log) {
    const at = before instanceof Log ? before.length : 0;
    return after.length > at ? [{ op: 'write', kind, id, list, at, items: after.slice(at) }] : [];
  }
  if (!Array.isArray(after)) return [];
  const old: unknown[] = Array.isArray(before) ? before : [];
  const writes: Extract<Change, { op: 'write' }>[] = [];
  after.forEach((item: unknown, index) => {
    if (index < old.length && old[index] === item) return;
    const last = writes.at(-1);
    if (last && last.at + last.items.length === index) last.items.push(item);
    else writes.push({ op: 'write', kind, id, list, at: index, items: [item] });
  });
  return writes;
}

/** About: digits and escapes do not count. Looks at no more than it must. */
const isLarge = (record: AnyRecord): boolean => roomAfter(record, LARGE_CHARACTERS) <= 0;

/** What is left of so many characters behind a value; 0 or less as soon as there is no room. */
function roomAfter(value: unknown, room: number): number {
  if (typeof value === 'string') return room - value.length;
  if (typeof value !== 'object' || value === null) return room - 1;
  let left = room;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && left > 0; index += 1) left = roomAfter(value[index], left);
    return left;
  }
  for (const name in value) {
    if (left <= 0) return left;
    left = roomAfter((value as Record<string, unknown>)[name], left - name.length);
  }
  return left;
}
