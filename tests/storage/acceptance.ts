// What every storage must do, whatever it is made of.
import { describe, expect, test } from 'vitest';
import type { Commit } from '../../src/domain/commit.ts';
import type { Reference } from '../../src/domain/records.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { chance, type Chance } from './chance.ts';
import {
  allAreLogs,
  drop,
  entriesOf,
  entry,
  found,
  newTask,
  put,
  record,
  shown,
  Story,
  withEntries,
} from './story.ts';
import type { Edit } from './story.ts';

export interface Place {
  /** The next storage on the same place, open. */
  start(): Promise<Storage>;
  /** An open storage on what a crash would leave at this moment, nothing being written. */
  crash(): Promise<Storage>;
}

const updates = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const seqs = (storage: Storage, since: number): number[] | undefined =>
  storage.since(since)?.map(({ fact }) => fact.seq);

export function storageAcceptance(name: string, setup: () => Promise<Place>): void {
  describe(name, () => {
    test('holds nothing at first', async () => {
      const storage = await (await setup()).start();
      expect(shown(storage.load())).toEqual({});
      expect(storage.load()).toMatchObject({ lastCommit: 0, lastSeq: 0, problems: [] });
      expect(storage.since(0)).toEqual([]);
      expect(storage.since(1)).toBeUndefined();
      expect(storage.refusal()).toBeNull();
      const none = { count: 0, records: [] };
      expect(storage.status()).toMatchObject({
        state: 'ok',
        behindBytes: 0,
        unwritten: none,
        setAside: none,
      });
    });

    test('resolves commits in the order in which they were given', async () => {
      const storage = await (await setup()).start();
      const story = new Story();
      const resolved: number[] = [];
      const commits = updates(1, 300).map((number) => story.commit([newTask(`task_${number % 7}`)]));
      await Promise.all(
        commits.map((commit) => storage.commit(commit).then(() => resolved.push(commit.number))),
      );
      expect(resolved).toEqual(updates(1, 300));
      expect(seqs(storage, 0)).toEqual(updates(1, 300));
    });

    restarts(setup);
    facts(setup);
    endings(setup);
  });
}

function restarts(setup: () => Promise<Place>): void {
  test('loads every kind of record as it was last acknowledged, after a crash and after a stop', async () => {
    const place = await setup();
    const dice = chance();
    const storage = await place.start();
    const story = new Story();
    for (let round = 0; round < 300; round += 1) {
      const commit = story.commit(someEdits(dice, story));
      if (round % 3 === 0) await storage.commit(commit);
      else void storage.commit(commit);
    }
    await storage.commit(story.commit([newTask('task_last')]));

    const expected = { lastCommit: story.number, lastSeq: story.seq, problems: [] };
    const afterCrash = (await place.crash()).load();
    expect(shown(afterCrash)).toEqual(shown(story));
    expect(afterCrash).toMatchObject(expected);
    expect(allAreLogs(afterCrash)).toBe(true);
    await storage.close();
    const afterStop = (await place.start()).load();
    expect(shown(afterStop)).toEqual(shown(story));
    expect(afterStop).toMatchObject(expected);
    expect(allAreLogs(afterStop)).toBe(true);
  });

  test('goes on behind what it loaded, over many restarts', async () => {
    const place = await setup();
    const ids: string[] = [];
    const story = new Story();
    for (const round of updates(1, 6)) {
      const storage = await place.start();
      expect(storage.load()).toMatchObject({ lastCommit: story.number, lastSeq: story.seq });
      const session = found(storage.load(), 'session', 'sess_1') ?? record('session', 'sess_1');
      expect(entriesOf(session)).toEqual(ids);
      ids.push(`evt_${round}`);
      await story.tell(storage, put('session', withEntries(session, `evt_${round}`)));
      expect(seqs(storage, story.seq - 1)).toEqual([story.seq]);
      await storage.close();
    }
  });

  const afterCrash = async (edits: Edit[][]) => {
    const place = await setup();
    const storage = await place.start();
    const story = new Story();
    for (const each of edits) await storage.commit(story.commit(each));
    return { loaded: (await place.crash()).load(), story };
  };

  test('sets the fields that changed and forgets those that went', async () => {
    const before = record('session', 'sess_1', { agentId: 'agent_1', metadata: { deep: [1] } });
    const { agentId, ...without } = before;
    const { loaded } = await afterCrash([
      [put('session', before)],
      [put('session', { ...without, name: 'Renamed' })],
    ]);
    const after = found(loaded, 'session', 'sess_1');
    expect(agentId).toBe('agent_1');
    expect(after).toMatchObject({ name: 'Renamed', metadata: { deep: [1] } });
    expect(after).not.toHaveProperty('agentId');
  });

  test('writes the items of a list to their places', async () => {
    const { processing, queued, completed } = {
      processing: { taskId: 'task_1', addedAt: 1, status: 'processing', startedAt: 2 } as const,
      queued: { taskId: 'task_2', addedAt: 1, status: 'queued' } as const,
      completed: { taskId: 'task_1', addedAt: 1, status: 'completed', startedAt: 2, completedAt: 3 } as const,
    };
    const { loaded } = await afterCrash([
      [put('queue', record('queue', 'sess_1', { items: [processing, queued], currentIndex: 0 }))],
      [
        put(
          'queue',
          record('queue', 'sess_1', { items: [completed, queued, { ...queued, taskId: 'task_3' }] }),
        ),
      ],
    ]);
    const queue = found(loaded, 'queue', 'sess_1');
    expect(queue?.items.map(({ taskId, status }) => [taskId, status])).toEqual([
      ['task_1', 'completed'],
      ['task_2', 'queued'],
      ['task_3', 'queued'],
    ]);
    expect(queue?.currentIndex).toBe(-1);
  });

  test('forgets a record that was dropped, and holds one put again under its id as new', async () => {
    const old = withEntries(record('session', 'sess_1'), 'evt_old');
    const { loaded } = await afterCrash([
      [put('session', old), put('session', { ...old, id: 'sess_2' }), newTask('task_1')],
      [drop('session', 'sess_1'), drop('session', 'sess_2'), drop('task', 'task_1')],
      [put('session', withEntries(record('session', 'sess_1', { name: 'New' }), 'evt_new'))],
      [put('session', withEntries(record('session', 'sess_1', { name: 'New' }), 'evt_new', 'evt_2'))],
    ]);
    expect(Object.keys(shown(loaded))).toEqual(['session/sess_1']);
    expect(entriesOf(found(loaded, 'session', 'sess_1'))).toEqual(['evt_new', 'evt_2']);
    expect(found(loaded, 'session', 'sess_1')?.name).toBe('New');
  });

  test('keeps what it was given when it was given it', async () => {
    const place = await setup();
    const storage = await place.start();
    const commit: Commit = new Story().commit([newTask('task_1')]);
    const durable = storage.commit(commit);
    commit.changes.length = 0;
    await durable;
    expect(Object.keys(shown((await place.crash()).load()))).toEqual(['task/task_1']);
  });
}

/** One to four records of any kinds: made, changed, grown, dropped. */
function someEdits(dice: Chance, story: Story): Edit[] {
  const edits = new Map<string, Edit>();
  for (let count = 1 + dice.below(4); count > 0; count -= 1) {
    const edit = someEdit(dice, story, dice.below(3));
    edits.set(`${edit[0]}/${edit[1]}`, edit);
  }
  return [...edits.values()];
}

function someEdit(dice: Chance, story: Story, which: number): Edit {
  const kind = dice.pick(['project', 'task', 'session', 'session', 'queue', 'template', 'answer'] as const);
  const id = `${kind}_${which}`;
  const present = story.get(kind, id);
  if (present && dice.below(8) === 0) return drop(kind, id);
  const word = `word ${dice.below(1_000_000)} \u2028 "ü" 🌳\n`;
  if (kind === 'session') return put(kind, grownSession(dice, story, id, word));
  if (kind === 'queue') return put(kind, grownQueue(dice, story, id));
  if (kind === 'task') return put(kind, { ...record(kind, id), title: word });
  if (kind === 'project') return put(kind, { ...record(kind, id), name: word });
  if (kind === 'template') return put(kind, { ...record(kind, id), content: word });
  return put(kind, { ...record(kind, id), text: JSON.stringify({ word }) });
}

function grownSession(dice: Chance, story: Story, id: string, word: string) {
  const { agentId, ...present } = story.get('session', id) ?? record('session', id);
  const added = Array.from({ length: dice.below(4) }, () => entry(`evt_${dice.below(1_000_000)}`));
  return {
    ...present,
    name: word,
    ...(dice.below(2) === 0 && { agentId: agentId ?? word }),
    timeline: present.timeline.append(added),
    events: present.events.append([{ id: word, timestamp: 1, type: 'noticed' }]),
  };
}

function grownQueue(dice: Chance, story: Story, id: string) {
  const present = story.get('queue', id) ?? record('queue', id);
  const items = present.items.map((item) =>
    dice.below(3) === 0
      ? { taskId: item.taskId, addedAt: 1, status: 'skipped' as const, completedAt: 2 }
      : item,
  );
  items.push({ taskId: `task_${dice.below(99)}`, addedAt: 1, status: 'queued' });
  return { ...present, items, currentIndex: dice.below(5) };
}

function facts(setup: () => Promise<Place>): void {
  test('tells the facts after a number, with the changes of their own session', async () => {
    const storage = await (await setup()).start();
    const story = new Story();
    const [one, two] = [record('session', 'sess_1'), record('session', 'sess_2')];
    await story.tell(storage, put('session', one), put('session', two));
    await story.tell(storage, put('answer', record('answer', 'key_1')));
    await story.tell(storage, newTask('task_1'), put('session', { ...two, name: 'Renamed' }));

    expect(seqs(storage, 0)).toEqual([1, 2, 3, 4]);
    expect(seqs(storage, 2)).toEqual([3, 4]);
    expect(storage.since(4)).toEqual([]);
    expect(storage.since(5)).toBeUndefined();
    const [task, session] = storage.since(2) ?? [];
    expect(task).toMatchObject({ fact: { seq: 3, type: 'task:updated', id: 'task_1' }, changes: [] });
    expect(session).toEqual({
      at: 1_003,
      fact: { seq: 4, type: 'session:updated', kind: 'session', id: 'sess_2', projectId: 'proj_1' },
      changes: [{ op: 'set', kind: 'session', id: 'sess_2', fields: { name: 'Renamed' } }],
    });
  });

  test('holds at least the last 10,000 facts, also after a crash, and not all that ever were', async () => {
    const place = await setup();
    const storage = await place.start();
    const story = new Story();
    const tellMany = async (count: number) => {
      for (; count > 0; count -= 100) await storage.commit(story.commit([newTask('task_1')], 100));
    };
    await tellMany(10_000);
    expect(seqs(storage, 0)).toEqual(updates(1, 10_000));
    await tellMany(2_100);
    for (const each of [storage, await place.crash()]) {
      expect(seqs(each, 2_100)).toEqual(updates(2_101, 12_100));
      expect(seqs(each, 12_099)).toEqual([12_100]);
      expect(each.since(12_100)).toEqual([]);
      expect(each.since(12_101)).toBeUndefined();
      expect(each.since(0)).toBeUndefined();
      expect(each.since(-1)).toBeUndefined();
    }
  });

  test('holds no fact that was not told after a stop, and says so to who missed some', async () => {
    const place = await setup();
    const first = await place.start();
    const story = new Story();
    for (const number of updates(1, 5)) await story.tell(first, newTask(`task_${number}`));
    await first.close();
    const storage = await place.start();
    expect(storage.since(5)).toEqual([]);
    expect(storage.since(6)).toBeUndefined();
    // Facts before the stop may be held or not; never only a part of them.
    expect([undefined, updates(3, 5)]).toContainEqual(seqs(storage, 2));
    await story.tell(storage, newTask('task_6'));
    expect(seqs(storage, 5)).toEqual([6]);
    expect([undefined, updates(3, 6)]).toContainEqual(seqs(storage, 2));
  });
}

function endings(setup: () => Promise<Place>): void {
  test('makes what was given before a stop durable, and refuses what comes after', async () => {
    const place = await setup();
    const storage = await place.start();
    const story = new Story();
    const before = updates(1, 50).map((number) => story.tell(storage, newTask(`task_${number}`)));
    const closed = storage.close();
    const late = new Story({ lastCommit: 50, lastSeq: 50 }).commit([newTask('task_late')]);
    await expect(storage.commit(late)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(storage.refusal()).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await Promise.all(before);
    await closed;
    await expect(storage.commit(late)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(storage.status().state).toBe('refusing');

    const loaded = (await place.start()).load();
    expect(shown(loaded)).toEqual(shown(story));
    expect(loaded).toMatchObject({ lastCommit: 50, lastSeq: 50 });
  });

  test('closes twice, also at once', async () => {
    const place = await setup();
    const storage = await place.start();
    await new Story().tell(storage, newTask('task_1'));
    await Promise.all([storage.close(), storage.close()]);
    await storage.close();
    expect(Object.keys(shown((await place.start()).load()))).toEqual(['task/task_1']);
  });

  test('flushes records that changed, that did not, that are gone and that never were', async () => {
    const storage = await (await setup()).start();
    const story = new Story();
    await story.tell(storage, newTask('task_1'), put('session', record('session', 'sess_1')));
    await story.tell(storage, drop('task', 'task_1'));
    const references: Reference[] = [
      { kind: 'task', id: 'task_1' },
      { kind: 'session', id: 'sess_1' },
      { kind: 'template', id: 'tmpl_never' },
    ];
    await storage.flush(references);
    await storage.flush(references);
    expect(storage.refusal()).toBeNull();
  });
}
