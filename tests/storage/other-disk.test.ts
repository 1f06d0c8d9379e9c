// Folders of the data that are links to another disk, where nothing can be renamed to; and writes that fail half way.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openStorage, temporaryFolder, until } from './place.ts';
import { newTask, put, record, Story, withEntries } from './story.ts';

const MEMORY = '/dev/shm';
const hasOther = existsSync(MEMORY) && statSync(MEMORY).dev !== statSync(tmpdir()).dev;

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe.runIf(hasOther)('a folder that is a link to another disk', () => {
  test('gets files as a whole, of tasks and of sessions, and nothing else', async () => {
    const folder = await temporaryFolder();
    const other = mkdtempSync(join(MEMORY, 'maestro-other-'));
    onTestFinished(() => rmSync(other, { recursive: true, force: true }));
    for (const name of ['tasks', 'sessions']) mkdirSync(join(other, name));
    mkdirSync(join(folder, 'tasks'));
    symlinkSync(join(other, 'tasks'), join(folder, 'tasks/proj_1'));
    symlinkSync(join(other, 'sessions'), join(folder, 'sessions'));
    const { storage, problems } = await openStorage(folder);
    const story = new Story();
    for (const title of ['first', 'second']) {
      const session = withEntries(story.get('session', 'sess_1') ?? record('session', 'sess_1'), title);
      await story.tell(storage, newTask('task_1', { title }), put('session', session));
      await storage.flush([
        { kind: 'task', id: 'task_1' },
        { kind: 'session', id: 'sess_1' },
      ]);
      expect(read(join(other, 'tasks/task_1.json'))).toMatchObject({ title });
      expect(read(join(other, 'sessions/sess_1.json'))).toMatchObject({ timeline: session.timeline.slice() });
    }
    expect(readdirSync(other, { recursive: true }).sort()).toEqual([
      'sessions',
      'sessions/sess_1.json',
      'tasks',
      'tasks/task_1.json',
    ]);
    expect(readdirSync(join(folder, 'writing'))).toEqual([]);
    expect(problems).toEqual([]);
  });
});

test('leaves nothing of a file that could not be put in its place', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  for (const path of ['tasks/proj_1/task_1', 'sessions/sess_1'])
    mkdirSync(join(folder, `${path}.json/in the way`), { recursive: true });
  const story = new Story();
  await story.tell(storage, newTask('task_1'), put('session', record('session', 'sess_1')));
  await until('both stand aside', () => storage.status().unwritten.count === 2);
  const written = () => readdirSync(join(folder, 'writing'));
  // They are tried again, so that one may be there for a moment.
  await until('nothing is left', () => written().length === 0);
  await storage.close(0);
  expect(written()).toEqual([]);
});
