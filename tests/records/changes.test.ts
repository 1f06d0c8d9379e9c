import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Change } from '../../src/domain/commit.ts';
import type { JsonObject } from '../../src/domain/fields.ts';
import { Log } from '../../src/domain/log.ts';
import type { QueueItem } from '../../src/domain/queue.ts';
import { keyOf, type AnyRecord, type RecordKind } from '../../src/domain/records.ts';
import type { Session } from '../../src/domain/session.ts';
import type { TimelineEntry } from '../../src/domain/timeline.ts';
import { changesOf } from '../../src/records/changes.ts';
import { applyChange } from '../../src/storage/replay.ts';
import { seed } from '../machines/chance.ts';
import { NOW, queue, session, task } from './arrange.ts';

const inJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The record's file after the changes, as the journal tells them; undefined when it is gone. */
function applied(kind: RecordKind, id: string, before: AnyRecord | undefined, changes: Change[]) {
  const files = new Map<string, JsonObject>();
  if (before) files.set(keyOf(kind, id), inJson(before) as JsonObject);
  const told = changes.map((change) => Change.parse(inJson(change)));
  for (const change of told) applyChange(files, change);
  const once = inJson(files.get(keyOf(kind, id)) ?? null);
  // A journal may be replayed over a file that holds its changes already.
  for (const change of told) applyChange(files, change);
  expect(inJson(files.get(keyOf(kind, id)) ?? null)).toEqual(once);
  return once ?? undefined;
}

const entry = (id: string): TimelineEntry => ({ id, type: 'progress', timestamp: NOW });

it('a new record is put whole', () => {
  const after = session('sess_a', { timeline: Log.from([entry('evt_1')]) });
  const changes = changesOf('session', 'sess_a', undefined, after);
  expect(changes.map(({ op }) => op)).toEqual(['put']);
  expect(applied('session', 'sess_a', undefined, changes)).toEqual(inJson(after));
});

it('a small record that changed is put whole too', () => {
  const after = task('task_a', { title: 'Changed' });
  expect(changesOf('task', 'task_a', task('task_a'), after)).toEqual([
    { op: 'put', kind: 'task', id: 'task_a', record: after },
  ]);
});

it('a record that is gone is dropped, with the project that finds its folder', () => {
  expect(changesOf('task', 'task_a', task('task_a'), undefined)).toEqual([
    { op: 'drop', kind: 'task', id: 'task_a', projectId: 'proj_a' },
  ]);
  expect(changesOf('task', 'task_a', undefined, undefined)).toEqual([]);
});

it('a session that changed tells its new fields and those that went', () => {
  const before = session('sess_a', { phase: 'expected', deadline: NOW });
  const after: Session = { ...before, status: 'working', phase: undefined, deadline: null };
  expect(changesOf('session', 'sess_a', before, after)).toEqual([
    {
      op: 'set',
      kind: 'session',
      id: 'sess_a',
      fields: { status: 'working', deadline: null },
      gone: ['phase'],
    },
  ]);
});

it('a timeline tells only its new end, however long it is', () => {
  const before = session('sess_a', { timeline: Log.from([entry('evt_1'), entry('evt_2')]) });
  const after = { ...before, timeline: before.timeline.append([entry('evt_3')]) };
  expect(changesOf('session', 'sess_a', before, after)).toEqual([
    { op: 'write', kind: 'session', id: 'sess_a', list: 'timeline', at: 2, items: [entry('evt_3')] },
  ]);
});

it('a queue tells the places that hold another item than before', () => {
  const item = (taskId: string): QueueItem => ({ taskId, status: 'queued', addedAt: NOW });
  const done = (taskId: string): QueueItem => ({
    taskId,
    status: 'completed',
    addedAt: NOW,
    completedAt: NOW,
  });
  const before = queue('sess_a', { items: ['a', 'b', 'c'].map(item) });
  const [, second] = before.items;
  const after = { ...before, items: [done('a'), ...(second ? [second] : []), done('c'), item('d')] };
  const write = { op: 'write', kind: 'queue', id: 'sess_a', list: 'items' };
  expect(changesOf('queue', 'sess_a', before, after)).toEqual([
    { ...write, at: 0, items: [done('a')] },
    { ...write, at: 2, items: [done('c'), item('d')] },
  ]);
});

it('the same value twice is no change, nor is a copy of it', () => {
  const same = session('sess_a');
  expect(changesOf('session', 'sess_a', same, same)).toEqual([]);
  expect(changesOf('session', 'sess_a', same, { ...same })).toEqual([]);
});

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const fields: fc.Arbitrary<Partial<Session>> = fc.record({
  name: fc.string(),
  status: fc.constantFrom('idle', 'working', 'failed'),
  phase: maybe(fc.constantFrom('expected', 'overdue')),
  deadline: fc.option(fc.nat()),
  env: fc.dictionary(fc.string(), fc.string()),
  metadata: maybe(fc.dictionary(fc.string(), fc.json().map(inJson))),
  needsInput: maybe(fc.record({ active: fc.boolean(), message: maybe(fc.string()) })),
});

const entries = fc.array(
  fc.string().map((message) => ({ ...entry('evt'), message })),
  { maxLength: 4 },
);

it(`what is told of a session, applied to its file, is the session (seed ${seed})`, () => {
  const change = fc.record({ fields, timeline: entries, events: entries });
  fc.assert(
    fc.property(fields, fc.array(change, { maxLength: 6 }), (first, steps) => {
      let before: Session = session('sess_a', { ...first, timeline: Log.from([entry('evt')]) });
      for (const step of steps) {
        const after: Session = {
          ...before,
          ...step.fields,
          timeline: before.timeline.append(step.timeline),
          events: before.events.append(step.events.map(({ id }) => ({ id, timestamp: 1, type: 'x' }))),
        };
        const changes = changesOf('session', 'sess_a', before, after);
        expect(changes.every(({ op }) => op === 'set' || op === 'write')).toBe(true);
        expect(applied('session', 'sess_a', before, changes)).toEqual(inJson(after));
        before = after;
      }
    }),
    { seed, numRuns: 200 },
  );
});

it(`what is told of a queue, applied to its file, is the queue (seed ${seed})`, () => {
  const step = fc.record({ places: fc.array(fc.nat({ max: 9 })), more: fc.nat({ max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      let before = queue('sess_a');
      steps.forEach(({ places, more }, round) => {
        const items = [...before.items];
        for (const at of places) {
          const { taskId, addedAt } = items[at] ?? {};
          if (taskId !== undefined && addedAt !== undefined)
            items[at] = { taskId, addedAt, status: 'skipped', completedAt: round };
        }
        for (let at = 0; at < more; at += 1)
          items.push({ taskId: `task_${round}_${at}`, status: 'queued', addedAt: round });
        const after = { ...before, items, updatedAt: NOW + round };
        const changes = changesOf('queue', 'sess_a', before, after);
        expect(applied('queue', 'sess_a', before, changes)).toEqual(inJson(after));
        before = after;
      });
    }),
    { seed, numRuns: 200 },
  );
});

it('a task is committed in parts from 16,384 characters on, and whole below', () => {
  const opsOf = (length: number): string[] => {
    const before = task('task_1', { description: 'd'.repeat(length) });
    return changesOf('task', 'task_1', before, { ...before, title: 'another' }).map(({ op }) => op);
  };
  expect(opsOf(16_000)).toEqual(['put']);
  expect(opsOf(16_384)).toEqual(['set']);
});
