// Files that are not quite what this version writes: they load, what is not known of them is kept, and what cannot be
// read keeps its place in everything that names it.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openStorage, temporaryFolder } from './place.ts';
import { found, newTask, put, record, Story } from './story.ts';

const write = (folder: string, path: string, content: unknown): string => {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, typeof content === 'string' ? content : JSON.stringify(content));
  return whole;
};

const task = { id: 'task_1', projectId: 'proj_1', title: 'Prune', createdAt: 1, updatedAt: 1 };
const session = { id: 'sess_1', projectId: 'proj_1', startedAt: 5, taskIds: ['task_1'] };

/** What a file holds after the server has read it, changed the record as told, and stopped. */
async function afterChange(folder: string, path: string, change: (story: Story) => ReturnType<typeof put>) {
  const { storage } = await openStorage(folder);
  const loaded = storage.load();
  expect(loaded.problems).toEqual([]);
  const story = new Story(loaded);
  for (const kind of ['task', 'session', 'queue', 'template'] as const)
    for (const each of loaded.records[kind])
      story.records.set(`${kind}/${'items' in each ? each.sessionId : each.id}`, each);
  await story.tell(storage, change(story));
  await storage.close();
  return JSON.parse(readFileSync(join(folder, path), 'utf8')) as Record<string, unknown>;
}

test('loads a file that an editor saved with a byte order mark and other line ends', async () => {
  const folder = await temporaryFolder();
  const text = JSON.stringify(task, null, 2).replaceAll('\n', '\r\n');
  write(folder, 'tasks/proj_1/task_1.json', `\uFEFF${text}\r\n`);
  const { storage } = await openStorage(folder);
  expect(storage.load()).toMatchObject({ problems: [], setAside: [] });
  expect(found(storage.load(), 'task', 'task_1')?.title).toBe('Prune');
});

test('loads words and fields of a newer version, and writes them back unchanged', async () => {
  const folder = await temporaryFolder();
  const theirs = {
    status: 'in_review',
    sessionStatus: 'paused',
    priority: 'urgent',
    model: 'mythos',
    teamMemberIds: ['tm_1'],
    nested: { deep: [{ kept: true }] },
  };
  write(folder, 'tasks/proj_1/task_1.json', { ...task, ...theirs });
  const file = await afterChange(folder, 'tasks/proj_1/task_1.json', (story) =>
    put('task', { ...(story.get('task', 'task_1') ?? record('task', 'task_1')), title: 'Changed' }),
  );
  expect(file).toMatchObject({ ...theirs, title: 'Changed' });
});

test('keeps what is not known inside of a session and a queue', async () => {
  const folder = await temporaryFolder();
  const theirs = {
    status: 'archived',
    strategy: 'swarm',
    needsInput: { active: false, channel: 'mail' },
    timeline: [{ id: 'evt_1', type: 'docs_added', timestamp: 5, docs: ['a.md'] }],
    moves: [{ at: 1, event: 'x', from: 'a', to: 'b', by: 'someone' }],
    spawn: {
      role: 'reviewer',
      skills: [],
      model: 'mythos',
      spawnSource: 'mail',
      spawnedBy: null,
      context: {},
      team: 'a',
    },
  };
  write(folder, 'sessions/sess_1.json', { ...session, ...theirs });
  const items = [
    { taskId: 'task_1', addedAt: 1, status: 'paused', by: 'someone' },
    { taskId: 'task_2', addedAt: 1, status: 'queued', weight: 3 },
  ];
  write(folder, 'queues/sess_1.json', { sessionId: 'sess_1', createdAt: 1, updatedAt: 1, items, lanes: 2 });
  const file = await afterChange(folder, 'sessions/sess_1.json', (story) =>
    put('session', { ...(story.get('session', 'sess_1') ?? record('session', 'sess_1')), name: 'Changed' }),
  );
  expect(file).toMatchObject({ ...theirs, name: 'Changed' });
  const queue = await afterChange(folder, 'queues/sess_1.json', (story) =>
    put('queue', { ...(story.get('queue', 'sess_1') ?? record('queue', 'sess_1')), updatedAt: 2 }),
  );
  expect(queue).toMatchObject({ items, lanes: 2, updatedAt: 2 });
});

test('an old taskId goes when it became taskIds, also from the file', async () => {
  const folder = await temporaryFolder();
  write(folder, 'sessions/sess_1.json', {
    ...record('session', 'sess_1'),
    ...session,
    taskIds: undefined,
    taskId: 'task_1',
  });
  const { storage } = await openStorage(folder);
  expect(found(storage.load(), 'session', 'sess_1')?.taskIds).toEqual(['task_1']);
  await storage.close();
  const file = JSON.parse(readFileSync(join(folder, 'sessions/sess_1.json'), 'utf8')) as object;
  expect(file).toHaveProperty('taskIds', ['task_1']);
  expect(file).not.toHaveProperty('taskId');
});

test('says which files it set aside, at that start and at later ones, until they are put back', async () => {
  const folder = await temporaryFolder();
  const text = JSON.stringify(task);
  const path = write(folder, 'tasks/proj_1/task_1.json', text.slice(0, -1));
  write(folder, 'sessions/sess_1.json', session);
  const aside = join(folder, 'quarantine/tasks__proj_1__task_1.json');
  for (const isFirst of [true, false]) {
    const { storage } = await openStorage(folder);
    const { setAside, unread, problems } = storage.load();
    expect(setAside.map((each) => each.path)).toEqual([aside]);
    expect(storage.status().setAside).toMatchObject({ count: 1, records: [{ path: aside }] });
    expect(unread.has('task', 'task_1')).toBe(true);
    expect(problems).toHaveLength(isFirst ? 1 : 0);
    await storage.close();
  }
  renameSync(aside, path);
  writeFileSync(path, text);
  const { storage } = await openStorage(folder);
  expect(storage.load().setAside).toEqual([]);
  expect(storage.load().unread.has('task', 'task_1')).toBe(false);
  expect(found(storage.load(), 'task', 'task_1')?.title).toBe('Prune');
});

test('says in a sentence what is wrong with a record, however much of it is', async () => {
  const folder = await temporaryFolder();
  write(folder, 'sessions/sess_1.json', {
    id: 'sess_1',
    timeline: Array.from({ length: 500 }, () => 'no entry'),
  });
  const { storage } = await openStorage(folder);
  const [problem = ''] = storage.load().problems;
  expect(problem).toContain('sess_1.json could not be read (projectId: ');
  expect(problem.length).toBeLessThan(600);
});

test('reads the tasks of a project whose folder is a link to another place, and writes them there', async () => {
  const folder = await temporaryFolder();
  const elsewhere = await temporaryFolder();
  write(elsewhere, 'moved/task_1.json', task);
  mkdirSync(join(folder, 'tasks'), { recursive: true });
  symlinkSync(join(elsewhere, 'moved'), join(folder, 'tasks/proj_1'));
  const file = await afterChange(folder, 'tasks/proj_1/task_1.json', () =>
    newTask('task_1', { title: 'Changed' }),
  );
  expect(file['title']).toBe('Changed');
  expect(readFileSync(join(elsewhere, 'moved/task_1.json'), 'utf8')).toContain('Changed');
});

test('writes through a record file that is a link, and leaves the link', async () => {
  const folder = await temporaryFolder();
  const elsewhere = await temporaryFolder();
  const target = write(elsewhere, 'shared.json', task);
  mkdirSync(join(folder, 'tasks/proj_1'), { recursive: true });
  symlinkSync(target, join(folder, 'tasks/proj_1/task_1.json'));
  await afterChange(folder, 'tasks/proj_1/task_1.json', () => newTask('task_1', { title: 'Changed' }));
  expect(lstatSync(join(folder, 'tasks/proj_1/task_1.json')).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toContain('Changed');
});

test('says that tasks are missing whose folder leads nowhere, and takes them for unread, not for deleted', async () => {
  const folder = await temporaryFolder();
  write(folder, 'sessions/sess_1.json', session);
  mkdirSync(join(folder, 'tasks'), { recursive: true });
  symlinkSync(join(folder, 'not mounted'), join(folder, 'tasks/proj_1'));
  const { storage } = await openStorage(folder);
  const { problems, unread } = storage.load();
  expect(problems.join()).toContain(join(folder, 'tasks/proj_1'));
  expect(unread.has('task', 'task_1', 'proj_1')).toBe(true);
  expect(unread.has('task', 'task_1', 'proj_2')).toBe(false);
});

test.each(['a device', 'a pipe'])('does not read a record that is %s, and starts', async (what) => {
  const folder = await temporaryFolder();
  const path = join(folder, 'projects/proj_1.json');
  mkdirSync(dirname(path), { recursive: true });
  if (what === 'a device') symlinkSync('/dev/zero', path);
  else execFileSync('mkfifo', [path]);
  const { storage } = await openStorage(folder);
  expect(storage.load().problems[0]).toContain('it is no plain file');
  expect(existsSync(path)).toBe(false);
});

test('a value that is nested deep makes no file many times as large as itself', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const flat = Array.from({ length: 20_000 }, () => 1);
  const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => [inner], flat);
  const large = record('task', 'task_1', { metadata: { deep } });
  await new Story().tell(storage, put('task', large));
  await storage.close();
  const text = readFileSync(join(folder, 'tasks/proj_1/task_1.json'), 'utf8');
  expect(text.length).toBeLessThan(2 * JSON.stringify(large).length);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(large)));
});

test('the file of a long session is what it would be written at once, however often it was written', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const path = join(folder, 'sessions/sess_1.json');
  let present = record('session', 'sess_1', { metadata: { a: [1, { b: 2 }], none: [], empty: {} } });
  for (let round = 0; round < 5; round += 1) {
    const entries = Array.from({ length: 300 }, (_, index) => ({
      id: `evt_${round}_${index}`,
      type: 'progress',
      timestamp: 1,
      message: `ü 🌳 "${index}"`,
      metadata: { list: [1, 2] },
    }));
    present = { ...present, timeline: present.timeline.append(entries) };
    await story.tell(storage, put('session', present));
    await storage.flush([{ kind: 'session', id: 'sess_1' }]);
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(present, null, 2)}\n`);
  }
  rmSync(path);
});
