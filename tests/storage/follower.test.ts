import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../src/domain/commit.ts';
import { FileFollower } from '../../src/storage/file-follower.ts';
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

/** Files whose asynchronous writes end when, and how, the test says. */
class HeldFiles extends RecordFiles {
  readonly writes: { image: Image; end: (error?: Error) => void }[] = [];

  override writeSynced(written: Image): Promise<void> {
    return new Promise((resolve, reject) => {
      this.writes.push({
        image: written,
        end: (error) => (error ? reject(error) : resolve(super.writeSynced(written))),
      });
    });
  }
}

async function heldFollower() {
  const files = new HeldFiles(await temporaryFolder());
  const problems: string[] = [];
  const monotonic = () => performance.now();
  const follower = new FileFollower({ files, monotonic, onProblem: (problem) => problems.push(problem) });
  onTestFinished(() => follower.stop());
  const writing = (count: number) => until(`${count} writes began`, () => files.writes.length >= count);
  return { files, follower, problems, writing };
}

test('brings an acknowledged change of every kind into its file within a second', async () => {
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
  for (const path of [...paths, 'answers/key_1'])
    await until(`${path} is there`, () => read(join(folder, `${path}.json`)) !== undefined, 1_000);
  const text = await readFile(join(folder, 'tasks/proj_1/task_1.json'), 'utf8');
  expect(text).toBe(`${JSON.stringify(story.get('task', 'task_1'), null, 2)}\n`);

  await story.tell(storage, drop('task', 'task_1'), drop('session', 'sess_1'), drop('queue', 'sess_1'));
  for (const path of ['tasks/proj_1/task_1', 'sessions/sess_1', 'queues/sess_1'])
    await until(`${path} is gone`, () => read(join(folder, `${path}.json`)) === undefined, 1_000);
});

test('brings each change of a session into its file within a second, however often it changes', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const path = join(folder, 'sessions/sess_1.json');
  const story = new Story();
  await story.tell(storage, put('session', record('session', 'sess_1')));
  await until('the file is there', () => read(path) !== undefined);
  for (let change = 1; change <= 3; change += 1) {
    const present = story.get('session', 'sess_1') ?? record('session', 'sess_1');
    await story.tell(storage, put('session', withEntries(present, `evt_${change}`)));
    // The second one comes right after the file was written, which is the worst moment.
    await until(`change ${change} is in the file`, () => entriesIn(path) === change, 1_000);
  }
});

test('writes the file of a session about once a second under many commits', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const path = join(folder, 'sessions/sess_1.json');
  const story = new Story();
  const inodes = new Set<number>();
  const end = performance.now() + 2_500;
  let session = record('session', 'sess_1');
  let commits = 0;
  while (performance.now() < end) {
    session = withEntries(session, `evt_${commits}`);
    await story.tell(storage, put('session', session));
    commits += 1;
    await stat(path)
      .then(({ ino, mtimeMs }) => inodes.add(ino + mtimeMs))
      .catch(() => undefined);
  }
  expect(commits).toBeGreaterThan(100);
  expect(inodes.size).toBeGreaterThanOrEqual(2);
  expect(inodes.size).toBeLessThanOrEqual(4);
});

test('writes a small file while a session rests', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const session = record('session', 'sess_1');
  await story.tell(storage, put('session', session));
  await storage.flush([{ kind: 'session', id: 'sess_1' }]);
  await story.tell(storage, put('session', withEntries(session, 'evt_1')));
  // The session is looked at, and left for later.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(entriesIn(join(folder, 'sessions/sess_1.json'))).toBe(0);
  await story.tell(storage, newTask('task_1'));
  await until(
    'the task is in its file',
    () => read(join(folder, 'tasks/proj_1/task_1.json')) !== undefined,
    300,
  );
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
  const { files, follower, writing } = await heldFollower();
  follower.note([image('queue', 'sess_1', 1)], 1, 10);
  await writing(1);
  for (let number = 2; number <= 11; number += 1)
    follower.note([image('queue', 'sess_1', number)], number, 10 * number);
  expect(follower.oldest()).toMatchObject({ since: 1 });
  files.writes[0]?.end();
  await writing(2);
  expect(follower.oldest()).toMatchObject({ since: 2, position: 20 });
  files.writes[1]?.end();
  await until('all is written', () => follower.idle);
  expect(files.writes.map((each) => (each.image.record as { currentIndex: number }).currentIndex)).toEqual([
    1, 11,
  ]);
  expect(follower.oldest()).toBeUndefined();
});

test('knows the oldest commit that is not in the files after several writes failed', async () => {
  const { files, follower, writing } = await heldFollower();
  follower.note([image('session', 'sess_1')], 3, 30);
  follower.note([image('session', 'sess_2')], 5, 50);
  await writing(2);
  files.writes[0]?.end(new Error('EIO'));
  await until('the first is taken back', () => follower.oldest()?.since === 3);
  files.writes[1]?.end(new Error('EIO'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(follower.oldest()).toMatchObject({ since: 3, position: 30 });
  follower.note([image('session', 'sess_1', 1)], 7, 70);
  await writing(4);
  files.writes[2]?.end();
  files.writes[3]?.end();
  await until('all is written', () => follower.idle);
  expect(entriesIn(join(files.root, 'sessions/sess_1.json'))).toBe(1);
});

test('resolves a flush when the file is current, also beside another flush of it', async () => {
  const { files, follower, writing } = await heldFollower();
  follower.note([image('session', 'sess_1', 1)], 1, 10);
  await writing(1);
  follower.note([image('session', 'sess_1', 2)], 2, 20);
  let flushed = 0;
  const count = () => void (flushed += 1);
  const flushes = [1, 2, 3].map(() => follower.flush([{ kind: 'session', id: 'sess_1' }]).then(count));
  files.writes[0]?.end();
  await writing(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushed).toBe(0);
  files.writes[1]?.end();
  await Promise.all(flushes);
  expect(entriesIn(join(files.root, 'sessions/sess_1.json'))).toBe(2);
  expect(files.writes).toHaveLength(2);
});

test('tries a flush anew when the write before it failed', async () => {
  const { files, follower, writing } = await heldFollower();
  follower.note([image('session', 'sess_1', 1)], 1, 10);
  await writing(1);
  const flushed = follower.flush([{ kind: 'session', id: 'sess_1' }]);
  files.writes[0]?.end(new Error('ENOSPC'));
  await writing(2);
  files.writes[1]?.end();
  await flushed;
  expect(entriesIn(join(files.root, 'sessions/sess_1.json'))).toBe(1);
});

test('leaves nobody waiting for a file when it stops', async () => {
  const { follower, writing } = await heldFollower();
  const ids = Array.from({ length: 9 }, (_, index) => `sess_${index}`);
  follower.note(
    ids.map((id) => image('session', id)),
    1,
    10,
  );
  await writing(4);
  const flushes = ids.map((id) => follower.flush([{ kind: 'session', id }]));
  follower.stop();
  const outcomes = await Promise.allSettled(flushes);
  expect(outcomes.map(({ status }) => status)).toEqual(ids.map(() => 'rejected'));
});

test('does not hold up other files for one that cannot be written', async () => {
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
    await until(`${path} is there`, () => read(join(folder, `${path}.json`)) !== undefined, 1_000);
  expect(problems[0]).toContain(blocked);
  const told = problems.length;
  await new Promise((resolve) => setTimeout(resolve, 700)); // Several more attempts.
  expect(problems).toHaveLength(told);
  rmSync(blocked, { recursive: true });
  await until('it is written once it can be', () => read(blocked) !== undefined, 1_500);
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
  await until('the task is there', () => read(join(folder, 'tasks/proj_1/task_1.json')) !== undefined, 1_500);
  await until('the session is there', () => read(join(folder, 'sessions/sess_1.json')) !== undefined, 1_500);
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
  await until('its file has all', () => entriesIn(join(folder, 'sessions/sess_1.json')) === 50, 1_500);
});

test('begins no more syncs after one that failed, and pays all of them with the next attempt', async () => {
  const files = new RecordFiles(await temporaryFolder());
  const follower = new FileFollower({
    files,
    monotonic: () => performance.now(),
    onProblem: () => undefined,
  });
  onTestFinished(() => follower.stop());
  const count = 60;
  const projects = Array.from({ length: count }, (_, index): Image => {
    const id = `proj_${index}`;
    return { kind: 'project', id, projectId: id, record: record('project', id) };
  });
  follower.note(projects, 1, 0);
  await follower.flushAll();
  const syncs = await watchHandles('datasync');
  syncs.mockRejectedValueOnce(diskError('EIO'));
  await expect(follower.sync()).rejects.toThrow('EIO');
  const began = syncs.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([began < 5, syncs.mock.calls.length - began]).toEqual([true, 0]);
  await follower.sync();
  expect(syncs.mock.calls.length - began).toBe(count);
});
