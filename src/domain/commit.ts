// A turn's changes and facts, made durable together as one journal record.
import { z } from 'zod';
import { JsonObject } from './fields.ts';
import type { Fact } from './facts.ts';
import { RecordKindName, type AnyRecord, type Reference } from './records.ts';

const reference = { kind: RecordKindName, id: z.string() };

/** One change of one record. All of them can be applied twice, and over a newer file, without harm. */
export const Change = z.discriminatedUnion('op', [
  /** The whole record, in the shape of its file. */
  z.object({ op: z.literal('put'), ...reference, record: JsonObject }),
  /** The fields that have a new value, and the names of those that went. */
  z.object({ op: z.literal('set'), ...reference, fields: JsonObject, gone: z.array(z.string()).optional() }),
  /** The items of a list from index `at` on; what stood there is replaced. */
  z.object({
    op: z.literal('write'),
    ...reference,
    list: z.string(),
    at: z.number().int(),
    items: z.array(z.unknown()),
  }),
  /** The record is gone; `projectId` finds the folder of a task's file. */
  z.object({ op: z.literal('drop'), ...reference, projectId: z.string().nullable() }),
]);
export type Change = z.infer<typeof Change>;

/** What a record is after a commit: an immutable value, or null when it is gone. */
export interface Image extends Reference {
  record: AnyRecord | null;
  projectId: string | null;
}

export interface Commit {
  /** Grows by one with each commit; never goes back for commits that were acknowledged. */
  number: number;
  /** Unix milliseconds. */
  at: number;
  changes: Change[];
  facts: Fact[];
  images: Image[];
  /**
   * By a fact's number, what it says beside its `data` to clients that are connected now: a manifest, a queue's item. It
   * is not kept: a replay reads it from the record or from a file.
   */
  live?: ReadonlyMap<number, JsonObject>;
}

/** A fact as it is kept for watchers that come back: with the part of its commit that speaks of the same session. */
export interface KeptFact {
  fact: Fact;
  at: number;
  changes: Change[];
}

/**
 * What is told of a commit under `view=changes`: only `session:updated` can be, all other facts need none. The changes are
 * looked through once, since a commit may change and tell thousands of sessions.
 * @param values what stands for each of the changes: they themselves, or their JSON
 */
export function changesTold<T>(changes: readonly Change[], values: readonly T[]): (fact: Fact) => T[] {
  const bySession = new Map<string, T[]>();
  for (const [index, value] of values.entries()) {
    const change = changes[index];
    if (change?.kind !== 'session') continue;
    const told = bySession.get(change.id);
    if (told) told.push(value);
    else bySession.set(change.id, [value]);
  }
  return ({ type, id }) => (type === 'session:updated' ? (bySession.get(id) ?? []) : []);
}
