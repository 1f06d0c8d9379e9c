// The files of a real storage: what is committed comes into them, whatever happens to files and folders meanwhile.
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { crashed, openStorage, segmentsIn, temporaryFolder, until } from './place.ts';
import { entriesIn, read } from './record-file.ts';
import { drop, entriesOf, found, newTask, put, record, Story, withEntries } from './story.ts';

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
