import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../src/domain/commit.ts';
import { WriteBehind } from '../../src/storage/write-behind.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { RecordFiles } from '../../src/storage/record-files.ts';
import { diskError, watchHandles } from './file-handles.ts';
import { crashed, openStorage, segmentsIn, temporaryFolder, until } from './place.ts';
import { drop, entriesOf, found, newTask, put, record, Story, withEntries } from './story.ts';

const read = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

const entriesIn = (path: string): number =>
  ((read(path) as { timeline?: [] } | undefined)?.timeline ?? []).length;

const image = (kind: 'session' | 'queue', id: string, entries = 0): Image => ({
  kind,
  id,
  projectId: 'proj_1',
  record:
    kind === 'queue'
      ? record('queue', id, { currentIndex: entries })
      : withEntries(record('session', id), ...Array.from({ length: entries }, (_, index) => `evt_${index}`)),
});

/** Files whose asynchronous writes end when, and how, the test says; the others are counted. */
class HeldFiles extends RecordFiles {
  readonly writes: { image: Image; end: (error?: Error) => void }[] = [];
  readonly small: string[] = [];

  override writeSynced(written: Image): Promise<void> {
    return new Promise((resolve, reject) => {
      this.writes.push({
        image: written,
        end: (error) => (error ? reject(error) : resolve(super.writeSynced(written))),
      });
    });
  }

  override writeNow(written: Image): void {
    this.small.push(written.id);
    super.writeNow(written);
  }
}

/** Time that stands still until the test moves it on. */
class HeldTime {
  #now = 0;
  #waiting: { at: number; call: () => void }[] = [];
  readonly monotonic = (): number => this.#now;

  readonly after = (ms: number, call: () => void): (() => void) => {
    const entry = { at: this.#now + ms, call };
    this.#waiting.push(entry);
    return () => (this.#waiting = this.#waiting.filter((each) => each !== entry));
  };

  /** Calls back all that is due by then, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = end;
  }
}

async function heldWriteBehind() {
  const files = new HeldFiles(await temporaryFolder());
  files.checkPlace();
  const problems: string[] = [];
  const time = new HeldTime();
  const { monotonic, after } = time;
  const writeBehind = new WriteBehind({
    files,
    monotonic,
    after,
    onProblem: (problem) => problems.push(problem),
  });
  onTestFinished(() => void writeBehind.stop());
  const note = (noted: Image, number: number, position = 10 * number, isWhole = true) =>
    writeBehind.note([{ image: noted, isWhole }], number, position);
  const writing = (count: number) => until(`${count} writes began`, () => files.writes.length >= count);
  return { files, writeBehind, note, problems, writing, time };
}

const taskImage = (id: string, title = 'T'): Image => ({
  kind: 'task',
  id,
  projectId: 'proj_1',
  record: record('task', id, { title }),
});

test('brings an acknowledged change of every kind to the disk', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  await story.tell(
    storage,
    put('project', record('project', 'proj_1')),
    newTask('task_1'),
    put('session', record('session', 'sess_1')),
    put('queue', record('queue', 'sess_1')),
    put('template', record('template', 'tmpl_1')),
    put('answer', record('answer', 'key_1')),
  );
  const paths = [
    'projects/proj_1',
    'tasks/proj_1/task_1',
    'sessions/sess_1',
    'queues/sess_1',
    'templates/tmpl_1',
  ];
  for (const path of paths)
    await until(`${path} is there`, () => read(join(folder, `${path}.json`)) !== undefined);
  await until('the answer is in its log', () => existsSync(join(folder, 'answers/00000001.log')));
  const text = await readFile(join(folder, 'tasks/proj_1/task_1.json'), 'utf8');
  expect(text).toBe(`${JSON.stringify(story.get('task', 'task_1'), null, 2)}\n`);

  await story.tell(storage, drop('task', 'task_1'), drop('session', 'sess_1'), drop('queue', 'sess_1'));
  for (const path of ['tasks/proj_1/task_1', 'sessions/sess_1', 'queues/sess_1'])
    await until(`${path} is gone`, () => read(join(folder, `${path}.json`)) === undefined);
});

test('writes a record within a second of its first change, and all its changes meanwhile at once', async () => {
  const { files, note, time, writeBehind } = await heldWriteBehind();
  note(taskImage('task_1', 'first'), 1);
  await time.advance(100);
  note(taskImage('task_1', 'second'), 2);
  note(taskImage('task_2'), 3);
  await time.advance(300);
  expect(files.small).toEqual([]);
  expect(writeBehind.oldest()).toBe(1);
  await time.advance(500);
  expect(files.small).toEqual(['task_1', 'task_2']);
  expect(read(join(files.root, 'tasks/proj_1/task_1.json'))).toMatchObject({ title: 'second' });
  expect(writeBehind.oldest()).toBeUndefined();
});

test('writes a session that changes all the time once a while, and not for each change', async () => {
  const { files, note, time } = await heldWriteBehind();
  for (let number = 1; number <= 100; number += 1) {
    note(image('session', 'sess_1', number), number);
    await time.advance(50);
    for (const { end } of files.writes) end();
  }
  // Five seconds of changes.
  expect(files.writes.length).toBeGreaterThanOrEqual(5);
  expect(files.writes.length).toBeLessThanOrEqual(9);
});

test('writes small files while the pool is full', async () => {
  const { files, note, time, writing } = await heldWriteBehind();
  for (let number = 1; number <= 20; number += 1) note(image('session', `sess_${number}`), number);
  note(taskImage('task_1'), 21);
  await time.advance(700);
  await writing(4);
  expect(files.small).toEqual(['task_1']);
});

test('writes with a sync what the journal holds only changes of', async () => {
  const { files, note, time, writing } = await heldWriteBehind();
  note(taskImage('task_whole'), 1);
  note(taskImage('task_part'), 2, 20, false);
  await time.advance(700);
  await writing(1);
  expect(files.small).toEqual(['task_whole']);
  expect(files.writes.map((each) => each.image.id)).toEqual(['task_part']);
});

test('makes the files of the records that are asked for current at once', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  let session = record('session', 'sess_1');
  for (let change = 1; change <= 5; change += 1) {
    session = withEntries(session, `evt_${change}`);
    const title = `title ${change}`;
    await story.tell(
      storage,
      put('session', session),
      newTask('task_1', { title }),
      newTask('task_2', { title }),
    );
    await storage.flush([
      { kind: 'session', id: 'sess_1' },
      { kind: 'task', id: 'task_1' },
    ]);
    expect(entriesIn(join(folder, 'sessions/sess_1.json'))).toBe(change);
    expect(read(join(folder, 'tasks/proj_1/task_1.json'))).toMatchObject({ title });
  }
});

test('writes ten changes that come while a file is being written at once', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  note(image('queue', 'sess_1', 1), 1);
  await time.advance(700);
  await writing(1);
  for (let number = 2; number <= 11; number += 1) note(image('queue', 'sess_1', number), number);
  expect(writeBehind.oldest()).toBe(1);
  files.writes[0]?.end();
  await until('the first is written', () => writeBehind.oldest() === 2);
  await time.advance(700);
  await writing(2);
  files.writes[1]?.end();
  await until('all is written', () => writeBehind.idle);
  expect(files.writes.map((each) => (each.image.record as { currentIndex: number }).currentIndex)).toEqual([
    1, 11,
  ]);
  expect(writeBehind.oldest()).toBeUndefined();
});

test('knows the oldest commit that is not in the files after several writes failed', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  note(image('session', 'sess_1'), 3, 30, false);
  note(image('session', 'sess_2'), 5, 50, false);
  await time.advance(700);
  await writing(2);
  files.writes[0]?.end(new Error('EIO'));
  files.writes[1]?.end(new Error('EIO'));
  await until('both stand aside', () => writeBehind.unwritten().length === 2 && writeBehind.idle);
  expect(writeBehind.oldest()).toBe(3);
  note(image('session', 'sess_1', 1), 7, 70, false);
  expect(writeBehind.oldest()).toBe(3);
  await time.advance(1_000);
  await writing(4);
  files.writes[2]?.end();
  files.writes[3]?.end();
  await until('all is written', () => writeBehind.isDone);
  expect(entriesIn(join(files.root, 'sessions/sess_1.json'))).toBe(1);
});

test('needs nothing of what the journal said of a record that it holds whole since it could not be written', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  note(image('session', 'sess_1'), 3, 30, false);
  await time.advance(700);
  await writing(1);
  files.writes[0]?.end(new Error('EACCES'));
  await until('it stands aside', () => writeBehind.idle);
  note(taskImage('task_1'), 8, 5_000);
  expect(writeBehind.heldBack(4_000)).toEqual([{ kind: 'session', id: 'sess_1' }]);
  note(image('session', 'sess_1', 1), 9, 6_000, true);
  expect(writeBehind.oldest()).toBe(8);
  expect(writeBehind.heldBack(4_000)).toEqual([]);
});

test('resolves a flush when the file is current, also beside another flush of it', async () => {
  const { files, note, writing, writeBehind } = await heldWriteBehind();
  note(image('session', 'sess_1', 1), 1);
  const first = writeBehind.flush([{ kind: 'session', id: 'sess_1' }]);
  await writing(1);
  note(image('session', 'sess_1', 2), 2);
  let flushed = 0;
  const count = () => void (flushed += 1);
  const flushes = [1, 2, 3].map(() => writeBehind.flush([{ kind: 'session', id: 'sess_1' }]).then(count));
  files.writes[0]?.end();
  await first;
  await writing(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushed).toBe(0);
  files.writes[1]?.end();
  await Promise.all(flushes);
  expect(entriesIn(join(files.root, 'sessions/sess_1.json'))).toBe(2);
  expect(files.writes).toHaveLength(2);
});

test('tries a flush anew when the write before it failed', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  note(image('session', 'sess_1', 1), 1);
  await time.advance(700);
  await writing(1);
  const flushed = writeBehind.flush([{ kind: 'session', id: 'sess_1' }]);
  files.writes[0]?.end(new Error('ENOSPC'));
  await writing(2);
  files.writes[1]?.end();
  await flushed;
  expect(entriesIn(join(files.root, 'sessions/sess_1.json'))).toBe(1);
});

test('a flush of records that are in their files writes nothing', async () => {
  const { files, note, time, writeBehind } = await heldWriteBehind();
  note(taskImage('task_1'), 1);
  await time.advance(700);
  await writeBehind.flush(['task_1', 'task_2', 'task_3'].map((id) => ({ kind: 'task', id })));
  expect(files.small).toEqual(['task_1']);
});

test('begins no write after its stop, waits for those under way, and leaves nobody waiting for a file', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  const ids = Array.from({ length: 9 }, (_, index) => `sess_${index}`);
  for (const [index, id] of ids.entries()) note(image('session', id), index + 1);
  await time.advance(700);
  await writing(4);
  const flushes = Promise.allSettled(ids.map((id) => writeBehind.flush([{ kind: 'session', id }])));
  let isStopped = false;
  const stopped = writeBehind.stop().then(() => (isStopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  for (const { end } of files.writes) end();
  await stopped;
  const outcomes = (await flushes).map(({ status }) => status);
  expect(files.writes).toHaveLength(4);
  expect(outcomes).toEqual(ids.map((_, index) => (index < 4 ? 'fulfilled' : 'rejected')));
});

test('does not hold up other files for one that cannot be written, says so once, and writes it when it can be', async () => {
  const folder = await temporaryFolder();
  const { storage, problems } = await openStorage(folder);
  const blocked = join(folder, 'tasks/proj_1/task_1.json');
  mkdirSync(join(blocked, 'in the way'), { recursive: true });
  const story = new Story();
  await story.tell(
    storage,
    newTask('task_1'),
    newTask('task_2'),
    put('session', record('session', 'sess_1')),
  );
  for (const path of ['tasks/proj_1/task_2', 'sessions/sess_1'])
    await until(`${path} is there`, () => read(join(folder, `${path}.json`)) !== undefined);
  await until('it is reported', () => storage.status().unwritten.count === 1);
  expect(storage.status().unwritten.records[0]?.path).toBe(blocked);
  expect(storage.status().state).toBe('ok');
  rmSync(blocked, { recursive: true });
  await until('it is written once it can be', () => read(blocked) !== undefined);
  await until('nothing is unwritten', () => storage.status().unwritten.count === 0);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain(blocked);
});

test('takes commits without end while one file cannot be written, and keeps the journal small', async () => {
  const folder = await temporaryFolder();
  const held: string[] = [];
  const story = new Story();
  const storage: FileStorage = new FileStorage({
    folder,
    onProblem: () => undefined,
    onHeldBack: (references) => {
      held.push(...references.map(({ id }) => id));
      // What Records.restate does: the record again, whole.
      const blockedRecord = story.get('session', 'sess_blocked');
      const commit = story.commit(
        [put('session', { ...record('session', 'sess_blocked'), ...blockedRecord })],
        0,
      );
      const change = {
        op: 'put',
        kind: 'session',
        id: 'sess_blocked',
        record: { ...blockedRecord },
      } as const;
      void storage.commit({ ...commit, changes: [change] });
    },
  });
  await storage.open();
  onTestFinished(() => storage.close());
  mkdirSync(join(folder, 'sessions/sess_blocked.json/in the way'), { recursive: true });
  await story.tell(storage, put('session', record('session', 'sess_blocked')));
  await until('it cannot be written', () => storage.status().unwritten.count === 1);
  const text = 'x'.repeat(1024 * 1024);
  for (let round = 0; round < 100; round += 1) {
    await story.tell(storage, newTask('task_1', { description: `${round}${text}` }));
    if (round % 20 === 0) await storage.flush([{ kind: 'task', id: 'task_1' }]);
  }
  await until(
    'what was put into the journal again lets the rest go',
    async () => {
      const names = (await segmentsIn(folder)).filter((name) => name.endsWith('.log'));
      const bytes = names.reduce((sum, name) => sum + statSync(join(folder, 'journal', name)).size, 0);
      return bytes < 40 * 1024 * 1024;
    },
    20_000,
  );
  expect(new Set(held)).toEqual(new Set(['sess_blocked']));
  const loaded = (await openStorage(await crashed(folder))).storage.load();
  expect(found(loaded, 'task', 'task_1')?.description.startsWith('99')).toBe(true);
  expect(found(loaded, 'session', 'sess_blocked')?.name).toBe('Pruning');
});

test('makes a folder again that was removed', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  await story.tell(storage, newTask('task_1'), put('session', record('session', 'sess_1')));
  await until('the files are there', () => read(join(folder, 'tasks/proj_1/task_1.json')) !== undefined);
  await storage.flush([{ kind: 'session', id: 'sess_1' }]);
  for (const name of ['tasks', 'sessions']) rmSync(join(folder, name), { recursive: true });
  const again = withEntries(record('session', 'sess_1'), 'evt_1');
  await story.tell(storage, newTask('task_1', { title: 'again' }), put('session', again));
  await until('the task is there', () => read(join(folder, 'tasks/proj_1/task_1.json')) !== undefined);
  await until('the session is there', () => read(join(folder, 'sessions/sess_1.json')) !== undefined);
  expect(statSync(join(folder, 'tasks/proj_1')).mode & 0o777).toBe(0o700);
  await storage.close();
  expect(await segmentsIn(folder)).toEqual([]);
});

test('lets the journal go when a task was dropped before its folder was ever made', async () => {
  const folder = await temporaryFolder();
  const { storage, problems } = await openStorage(folder);
  const story = new Story();
  void story.tell(storage, newTask('task_1', { projectId: 'proj_never' }));
  await story.tell(storage, drop('task', 'task_1'));
  await story.tell(storage, newTask('task_2'));
  await storage.close();
  expect(problems).toEqual([]);
  expect(await segmentsIn(folder)).toEqual([]);
});

test('leaves what it could not write in time in the journal, and stops in time', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  mkdirSync(join(folder, 'tasks/proj_1/task_1.json/in the way'), { recursive: true });
  writeFileSync(join(folder, 'tasks/proj_1/note.txt'), 'not ours');
  const story = new Story();
  await story.tell(
    storage,
    newTask('task_1'),
    newTask('task_2'),
    put('session', record('session', 'sess_1')),
  );
  await storage.close(200);
  expect(await segmentsIn(folder)).not.toEqual([]);
  rmSync(join(folder, 'tasks/proj_1/task_1.json'), { recursive: true });
  const { storage: next } = await openStorage(folder);
  expect(
    next
      .load()
      .records.task.map(({ id }) => id)
      .sort(),
  ).toEqual(['task_1', 'task_2']);
  await next.close();
  expect(await segmentsIn(folder)).toEqual([]);
  expect(read(join(folder, 'tasks/proj_1/task_1.json'))).toBeDefined();
});

test('does not hold the journal up for a session that changes all the time', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  let session = record('session', 'sess_1');
  for (let change = 0; change < 50; change += 1) {
    session = withEntries(session, `evt_${change}`);
    await story.tell(storage, put('session', session));
    if (change % 10 === 0) await storage.flush([{ kind: 'session', id: 'sess_1' }]);
  }
  const loaded = (await openStorage(await crashed(folder))).storage.load();
  expect(entriesOf(found(loaded, 'session', 'sess_1'))).toHaveLength(50);
  await until('its file has all', () => entriesIn(join(folder, 'sessions/sess_1.json')) === 50);
});

test('begins no more syncs after one that failed, and pays all of them with the next attempt', async () => {
  const { note, writeBehind } = await heldWriteBehind();
  const count = 60;
  for (let index = 0; index < count; index += 1) {
    const id = `proj_${index}`;
    note({ kind: 'project', id, projectId: id, record: record('project', id) }, index + 1);
  }
  await writeBehind.flushAll();
  const syncs = await watchHandles('datasync');
  syncs.mockRejectedValueOnce(diskError('EIO'));
  await expect(writeBehind.sync()).rejects.toThrow('EIO');
  const began = syncs.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([began < 5, syncs.mock.calls.length - began]).toEqual([true, 0]);
  await writeBehind.sync();
  expect(syncs.mock.calls.length - began).toBe(count);
});
