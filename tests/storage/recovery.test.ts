import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { header, line, recovered, writeSegment } from './journal-files.ts';
import { crashed, openStorage, segmentsIn, temporaryFolder, until } from './place.ts';
import { drop, entriesOf, entry, found, newTask, put, record, shown, Story, withEntries } from './story.ts';

const write = (folder: string, path: string, content: unknown): string => {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, typeof content === 'string' ? content : JSON.stringify(content));
  return whole;
};

const read = (folder: string, path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));

const session = { id: 'sess_1', projectId: 'proj_1', startedAt: 5 };
const task = { id: 'task_1', projectId: 'proj_1', title: 'Prune', createdAt: 1, updatedAt: 1 };

test.each([
  ['is cut short', '{"id": "sess_2", "proj'],
  ['is empty', ''],
  ['holds no object', '[]'],
  ['holds null', 'null'],
  ['is no JSON', Buffer.from([0xff, 0, 0xfe]).toString('latin1')],
  ['lacks what it must have', { id: 'sess_2' }],
  ['holds the wrong types', { ...session, id: 'sess_2', timeline: 'many' }],
  ['has another id than its name', { ...session, id: 'sess_3' }],
  ['has an id that leads elsewhere', { ...session, id: '../sess_2' }],
])('sets a file aside that %s, says so, and loads the rest', async (_, content) => {
  const folder = await temporaryFolder();
  write(folder, 'sessions/sess_1.json', session);
  const path = write(folder, 'sessions/sess_2.json', content);
  const text = readFileSync(path, 'utf8');
  const { storage } = await openStorage(folder);
  const loaded = storage.load();
  expect(Object.keys(shown(loaded))).toEqual(['session/sess_1']);
  const aside = join(folder, 'quarantine', 'sessions__sess_2.json');
  expect(loaded.problems).toHaveLength(1);
  expect(loaded.problems[0]).toContain(path);
  expect(loaded.problems[0]).toContain(aside);
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(aside, 'utf8')).toBe(text);
  expect(statSync(join(folder, 'quarantine')).mode & 0o777).toBe(0o700);
});

test('sets a folder aside that has the name of a file, and a name that is as long as a name may be', async () => {
  const folder = await temporaryFolder();
  write(folder, 'projects/proj_1.json/inside.txt', 'mine');
  const long = `${'n'.repeat(250)}.json`;
  write(folder, `tasks/proj_1/${long}`, 'no JSON');
  const { storage } = await openStorage(folder);
  expect(storage.load().problems).toHaveLength(2);
  expect(readFileSync(join(folder, 'quarantine/projects__proj_1.json/inside.txt'), 'utf8')).toBe('mine');
  expect(readdirSync(join(folder, 'tasks/proj_1'))).toEqual([]);
});

test('never overwrites what was set aside before', async () => {
  const folder = await temporaryFolder();
  for (const content of ['first', 'second', 'third']) {
    write(folder, 'projects/proj_1.json', content);
    await (await openStorage(folder)).storage.close();
  }
  const names = ['projects__proj_1.json', 'projects__proj_1.json.1', 'projects__proj_1.json.2'];
  expect(readdirSync(join(folder, 'quarantine')).sort()).toEqual(names);
  expect(names.map((name) => readFileSync(join(folder, 'quarantine', name), 'utf8'))).toEqual([
    'first',
    'second',
    'third',
  ]);
});

test('sets a task aside that stands in the folder of another project, whichever is read first', async () => {
  for (const elsewhere of ['proj_0', 'proj_2']) {
    const folder = await temporaryFolder();
    write(folder, 'tasks/proj_1/task_1.json', task);
    const path = write(folder, `tasks/${elsewhere}/task_1.json`, { ...task, title: 'stale' });
    const first = await openStorage(folder);
    const loaded = first.storage.load();
    expect(found(loaded, 'task', 'task_1')?.title).toBe('Prune');
    expect(loaded.problems.join()).toContain(path);
    const story = new Story(loaded);
    story.records.set('task/task_1', record('task', 'task_1'));
    await story.tell(first.storage, drop('task', 'task_1'));
    await first.storage.close();
    expect((await openStorage(folder)).storage.load().records.task).toEqual([]);
  }
});

test('loads a session whose timeline has a type that is not known here, and keeps it', async () => {
  const folder = await temporaryFolder();
  const told = [{ id: 'evt_1', type: 'task_paused', timestamp: 5 }];
  write(folder, 'sessions/sess_1.json', { ...session, timeline: told });
  const { storage } = await openStorage(folder);
  const loaded = storage.load();
  expect(loaded.problems).toEqual([]);
  expect(loaded.records.session[0]?.timeline.slice()).toEqual(told);
});

test('loads old files, and writes them back as they are now', async () => {
  const folder = await temporaryFolder();
  write(folder, 'sessions/sess_1.json', { ...session, taskId: 'task_1', status: 'running' });
  write(folder, 'sessions/sess_2.json', {
    ...session,
    id: 'sess_2',
    name: 'Mine',
    taskIds: ['task_2'],
    timeline: [entry('evt_1')],
  });
  write(folder, 'tasks/proj_1/task_1.json', { ...task, status: 'pending' });
  const { storage } = await openStorage(folder);
  const loaded = storage.load();
  expect(loaded.problems).toEqual([]);
  expect(found(loaded, 'session', 'sess_1')).toMatchObject({
    taskIds: ['task_1'],
    name: 'Session sess_1',
    status: 'working',
    strategy: 'simple',
    env: {},
    lastActivity: 5,
    completedAt: null,
  });
  expect(found(loaded, 'session', 'sess_2')).toMatchObject({
    name: 'Mine',
    taskIds: ['task_2'],
    status: 'idle',
  });
  expect(entriesOf(found(loaded, 'session', 'sess_2'))).toEqual(['evt_1']);
  expect(found(loaded, 'task', 'task_1')).toMatchObject({ status: 'todo', dependencies: [], parentId: null });

  const isCurrent = (path: string, fields: object) => () => {
    const file = read(folder, path) as Record<string, unknown>;
    return Object.entries(fields).every(
      ([name, value]) => JSON.stringify(file[name]) === JSON.stringify(value),
    );
  };
  await until(
    'the sessions are written back',
    isCurrent('sessions/sess_1.json', { taskIds: ['task_1'], status: 'working', timeline: [] }),
  );
  await until('the other too', isCurrent('sessions/sess_2.json', { env: {}, status: 'idle' }));
  await until(
    'the task is written back',
    isCurrent('tasks/proj_1/task_1.json', { status: 'todo', sessionIds: [] }),
  );
  await storage.close();
  expect(shown((await openStorage(folder)).storage.load())).toEqual(shown(loaded));
});

test('keeps the fields that it does not know', async () => {
  const folder = await temporaryFolder();
  write(folder, 'sessions/sess_1.json', { ...session, theirs: { deep: [1] } });
  write(folder, 'tasks/proj_1/task_1.json', { ...task, theirs: 'too' });
  const { storage } = await openStorage(folder);
  const story = new Story(storage.load());
  const loaded = found(storage.load(), 'session', 'sess_1') ?? record('session', 'sess_1');
  story.records.set('session/sess_1', loaded);
  await story.tell(storage, put('session', withEntries(loaded, 'evt_1')));
  await storage.flush([{ kind: 'session', id: 'sess_1' }]);
  expect(read(folder, 'sessions/sess_1.json')).toMatchObject({
    theirs: { deep: [1] },
    timeline: [{ id: 'evt_1' }],
  });
  await until(
    'the task is migrated',
    () => 'parentId' in (read(folder, 'tasks/proj_1/task_1.json') as object),
  );
  expect(read(folder, 'tasks/proj_1/task_1.json')).toMatchObject({ theirs: 'too' });
});

test('does not write files back that are as they should be', async () => {
  const folder = await temporaryFolder();
  const first = (await openStorage(folder)).storage;
  await new Story().tell(first, newTask('task_1'), put('session', record('session', 'sess_1')));
  await first.close();
  expect(recovered(folder).behind).toEqual([]);
});

test('removes what a dead process left of a write, and nothing that a person may have put there', async () => {
  const folder = await temporaryFolder();
  write(folder, 'sessions/sess_1.json', session);
  const left = ['writing/7', 'writing/12'];
  // A dated backup, and what older versions left; each looks like the other.
  const theirs = [
    'sessions/sess_1.json.1732500000',
    'sessions/sess_1.json.2718281828',
    'tasks/proj_1/task_1.json.bak',
    'head.json.1618033988',
    'projects/README.md',
    'writing/note.txt',
  ];
  for (const path of left) write(folder, path, '{"half": ');
  for (const path of theirs) write(folder, path, 'mine');
  const { storage } = await openStorage(folder);
  expect(storage.load().problems).toEqual([]);
  expect(left.filter((path) => existsSync(join(folder, path)))).toEqual([]);
  await new Story(storage.load()).tell(storage, put('session', record('session', 'sess_1', { name: 'New' })));
  await storage.close();
  for (const path of theirs) expect(readFileSync(join(folder, path), 'utf8'), path).toBe('mine');
});

test('makes folders for their owner only, and files too', async () => {
  const parent = await temporaryFolder();
  const folder = join(parent, 'deep', 'data');
  const before = process.umask(0);
  try {
    const { storage } = await openStorage(folder);
    const story = new Story();
    await story.tell(
      storage,
      newTask('task_1'),
      put('session', record('session', 'sess_1')),
      put('answer', record('answer', 'k')),
    );
    await storage.flush([{ kind: 'session', id: 'sess_1' }]);
    await until('head.json is written', () => existsSync(join(folder, 'head.json')));
    const modes = new Map<string, Set<string>>();
    for (const each of readdirSync(parent, { recursive: true, encoding: 'utf8' })) {
      const found = statSync(join(parent, each));
      const kind = found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
      modes.set(kind, (modes.get(kind) ?? new Set()).add((found.mode & 0o777).toString(8)));
    }
    expect(Object.fromEntries([...modes].map(([kind, all]) => [kind, [...all]]))).toMatchObject({
      folder: ['700'],
      file: ['600'],
    });
  } finally {
    process.umask(before);
  }
});

test('leaves plain files, head.json and an empty journal after a stop', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  for (let count = 0; count < 40; count += 1) await story.tell(storage, newTask(`task_${count}`));
  await storage.close();
  expect(await segmentsIn(folder)).toEqual([]);
  expect(readdirSync(join(folder, 'tasks/proj_1'))).toHaveLength(40);
  expect(read(folder, 'head.json')).toMatchObject({ commit: 40, seq: 40, filesThrough: 40 });
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

test('does not double what a file holds already when the journal is replayed over it', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  let made = record('session', 'sess_1');
  for (let count = 0; count < 9; count += 1) {
    made = withEntries(made, `evt_${count}`);
    await story.tell(storage, put('session', made), newTask('task_1', { title: `${count}` }));
    if (count % 4 === 3) await storage.flush([{ kind: 'session', id: 'sess_1' }]);
  }
  await storage.flush([
    { kind: 'session', id: 'sess_1' },
    { kind: 'task', id: 'task_1' },
  ]);
  // The files are ahead of what head.json says of them, in every possible way.
  for (let filesThrough = 0; filesThrough <= 9; filesThrough += 1) {
    const left = await crashed(folder);
    writeFileSync(join(left, 'head.json'), JSON.stringify({ commit: filesThrough, seq: 0, filesThrough }));
    const loaded = recovered(left);
    expect(shown(loaded)).toEqual(shown(story));
    expect(loaded).toMatchObject({ lastCommit: 9, lastSeq: 18, problems: [] });
  }
});

test('applies a drop and a new put over whatever file the crash left', async () => {
  const story = new Story();
  const commits = [
    story.commit([put('session', withEntries(record('session', 'sess_1'), 'evt_old'))]),
    story.commit([
      put('session', withEntries(story.get('session', 'sess_1') ?? record('session', 'sess_1'), 'evt_2')),
    ]),
    story.commit([drop('session', 'sess_1')]),
    story.commit([put('session', withEntries(record('session', 'sess_1'), 'evt_new'))]),
  ];
  const files = [undefined, ['evt_old'], ['evt_old', 'evt_2'], ['evt_new']];
  for (const entries of files) {
    const folder = await temporaryFolder();
    if (entries) write(folder, 'sessions/sess_1.json', withEntries(record('session', 'sess_1'), ...entries));
    writeSegment(folder, 1, header(1, 0), ...commits.map((commit) => line(commit)));
    const loaded = recovered(folder);
    expect(shown(loaded)).toEqual(shown(story));
    expect(loaded.problems).toEqual([]);
  }
});

test('finishes a drop whose file was not removed before the crash', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  const commits = [story.commit([newTask('task_1')]), story.commit([drop('task', 'task_1')])];
  write(folder, 'tasks/proj_1/task_1.json', record('task', 'task_1'));
  writeSegment(folder, 1, header(1, 0), ...commits.map((commit) => line(commit)));
  const { storage } = await openStorage(folder);
  expect(shown(storage.load())).toEqual({});
  await until('the file is gone', () => !existsSync(join(folder, 'tasks/proj_1/task_1.json')));
});

test('does not miss the torn file of a record that was dropped', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  const commits = [story.commit([newTask('task_1')]), story.commit([drop('task', 'task_1')])];
  write(folder, 'tasks/proj_1/task_1.json', '');
  writeSegment(folder, 1, header(1, 0), ...commits.map((commit) => line(commit)));
  const loaded = recovered(folder);
  expect([loaded.problems, shown(loaded)]).toEqual([[], {}]);
});

test('misses no commit whose files are synced when a power cut brings an older segment back', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  const [first, second, third] = [
    story.commit([newTask('task_1')]),
    story.commit([newTask('task_2')]),
    story.commit([newTask('task_3')]),
  ];
  for (const id of ['task_1', 'task_2']) write(folder, `tasks/proj_1/${id}.json`, record('task', id));
  write(folder, 'head.json', { commit: 2, seq: second.facts.at(-1)?.seq, filesThrough: 2 });
  writeSegment(folder, 1, header(1, 0), line(first));
  writeSegment(folder, 3, header(3, 2), line(third));
  const loaded = recovered(folder);
  expect([loaded.problems, shown(loaded)]).toEqual([[], shown(story)]);
  // What was told between the two is not held: who asks for it must read anew.
  expect(loaded.facts.since(0)).toBeUndefined();
  expect(loaded.facts.since(second.facts.at(-1)?.seq ?? 0)).toHaveLength(third.facts.length);
});

test('holds no facts when a power cut brings back a segment that is not the last: watchers read anew', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  const first = story.commit([newTask('task_1')]);
  const second = story.commit([newTask('task_2')]);
  for (const id of ['task_1', 'task_2']) write(folder, `tasks/proj_1/${id}.json`, record('task', id));
  const seq = second.facts.at(-1)?.seq ?? 0;
  write(folder, 'head.json', { commit: 2, seq, filesThrough: 2 });
  writeSegment(folder, 1, header(1, 0), line(first));
  const { facts, problems, lastSeq } = recovered(folder);
  expect([problems, lastSeq, facts.since(seq)]).toEqual([[], seq, []]);
  expect(facts.since(first.facts.at(-1)?.seq ?? 0)).toBeUndefined();
});

test('takes a small file that a power cut left torn from the journal', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  write(folder, 'tasks/proj_1/task_1.json', '');
  writeSegment(folder, 1, header(1, 0), line(story.commit([newTask('task_1', { title: 'whole' })])));
  const { storage } = await openStorage(folder);
  expect(storage.load().problems).toEqual([]);
  expect(found(storage.load(), 'task', 'task_1')?.title).toBe('whole');
});

test('says so when the journal changes a record whose file is gone', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const made = record('session', 'sess_1');
  await story.tell(storage, put('session', made), newTask('task_1'));
  await storage.flush([{ kind: 'session', id: 'sess_1' }]);
  const head = () => (existsSync(join(folder, 'head.json')) ? read(folder, 'head.json') : {});
  await until('the put is let go', () => (head() as { filesThrough?: number }).filesThrough === 1);
  await story.tell(storage, put('session', withEntries(made, 'evt_1')));
  const left = await crashed(folder);
  rmSync(join(left, 'sessions/sess_1.json'));
  const next = (await openStorage(left)).storage;
  expect(Object.keys(shown(next.load()))).toEqual(['task/task_1']);
  expect(next.load().problems.join()).toContain('session/sess_1');
});

test('keeps a record aside that the journal holds and its schema does not read', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  const commit = story.commit([
    newTask('task_1', { title: 'good' }),
    newTask('task_2', { createdAt: Number.NaN }),
  ]);
  writeSegment(folder, 1, header(1, 0), line(commit));
  const { storage } = await openStorage(folder);
  expect(Object.keys(shown(storage.load()))).toEqual(['task/task_1']);
  expect(storage.load().problems).toHaveLength(1);
  const aside = join(folder, 'quarantine', 'task__task_2.json');
  expect(storage.load().problems[0]).toContain(aside);
  expect(JSON.parse(readFileSync(aside, 'utf8'))).toMatchObject({ id: 'task_2', createdAt: null });
});

test('starts without head.json, and with one that cannot be read', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  for (let count = 0; count < 5; count += 1) await story.tell(storage, newTask(`task_${count}`));
  await until('head.json is written', () => existsSync(join(folder, 'head.json')));
  for (const content of [undefined, '', '{"commit": "many"}']) {
    const left = await crashed(folder);
    if (content === undefined) rmSync(join(left, 'head.json'));
    else writeFileSync(join(left, 'head.json'), content);
    const loaded = recovered(left);
    expect(shown(loaded)).toEqual(shown(story));
    expect(loaded).toMatchObject({ lastCommit: 5, lastSeq: 5 });
    expect(loaded.problems).toHaveLength(content === undefined ? 0 : 1);
  }
});

test('goes on from head.json when segments were removed after it was written', async () => {
  const folder = await temporaryFolder();
  const story = new Story({ lastCommit: 100, lastSeq: 300 });
  write(folder, 'head.json', { commit: 101, seq: 301, filesThrough: 101 });
  write(folder, 'tasks/proj_1/task_1.json', record('task', 'task_1', { title: 'newest' }));
  writeSegment(folder, 7, header(7, 100), line(story.commit([newTask('task_1', { title: 'newest' })])));
  const loaded = recovered(folder);
  expect(loaded).toMatchObject({ lastCommit: 101, lastSeq: 301, behind: [], problems: [] });
  writeSegment(folder, 7, header(7, 101));
  expect(recovered(folder)).toMatchObject({ lastCommit: 101, lastSeq: 301, behind: [], problems: [] });
});

test('takes a task by its own id where an old file has a sessionId beside it', async () => {
  const folder = await temporaryFolder();
  write(folder, 'tasks/proj_1/task_1.json', { ...task, sessionId: 'sess_1' });
  const { storage, problems } = await openStorage(folder);
  expect(storage.load().records.task.map(({ id }) => id)).toEqual(['task_1']);
  expect(problems).toEqual([]);
});
