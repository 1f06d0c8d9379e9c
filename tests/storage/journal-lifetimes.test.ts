// What the journal keeps, and for how long: changes until their files are synced, facts in a log of their own.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { encodeHeader } from '../../src/storage/journal-line.ts';
import { header, line, recovered, writeSegment } from './journal-files.ts';
import { crashed, openStorage, segmentsIn, temporaryFolder, until } from './place.ts';
import { drop, found, newTask, put, record, Story, withEntries } from './story.ts';

test('lets a segment go whose changes are in the files, and holds its facts beside, also after a crash', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const description = 'x'.repeat(3 * 1024 * 1024);
  for (let round = 0; round < 2; round += 1)
    await storage.commit(story.commit([put('project', record('project', 'proj_1', { description }))], 1));
  const [oldest] = await segmentsIn(folder);
  const session = withEntries(record('session', 'sess_1'), 'evt_1');
  await story.tell(storage, put('session', session));
  await story.tell(storage, put('session', withEntries(session, 'evt_2')));
  await storage.commit(story.commit([newTask('task_1')], 9_990));
  await until('the oldest segment is let go', async () => !(await segmentsIn(folder)).includes(oldest ?? ''));
  const after = (await openStorage(await crashed(folder))).storage;
  for (const each of [storage, after]) {
    expect(each.since(0, true)).toHaveLength(9_994);
    expect(each.since(3)?.[0]).toMatchObject({
      fact: { seq: 4, type: 'session:updated', id: 'sess_1' },
      changes: [{ op: 'write', list: 'timeline', at: 1 }],
    });
  }
});

test('an idle journal holds less than 8 MiB, whatever was committed before', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const description = 'x'.repeat(1_000_000);
  for (let round = 0; round < 60; round += 1) {
    const large = withEntries(record('session', `sess_${round}`, { name: description }), 'evt_1');
    await story.tell(
      storage,
      newTask('task_1', { description: `${round}${description}` }),
      put('session', large),
    );
  }
  for (let round = 0; round < 60; round += 1) await story.tell(storage, drop('session', `sess_${round}`));
  await story.tell(storage, newTask('task_1'));
  const bytesIn = (path: string): number =>
    readdirSync(path, { withFileTypes: true }).reduce((sum, each) => {
      const inside = join(path, each.name);
      return sum + (each.isDirectory() ? bytesIn(inside) : statSync(inside).size);
    }, 0);
  await until('it has let go', () => bytesIn(join(folder, 'journal')) < 8 * 1024 * 1024, 30_000);
  const loaded = (await openStorage(await crashed(folder))).storage.load();
  expect(loaded.records.session).toEqual([]);
  expect(found(loaded, 'task', 'task_1')?.description).toBe('');
});

test('reads a journal with a long run of zeros between its lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-zeros-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const story = new Story();
  const [first, second] = [story.commit([newTask('task_1')]), story.commit([newTask('task_2')])];
  writeSegment(folder, 1, header(1, 0), line(first), '\0'.repeat(1024 * 1024), '\n', line(second, 1));
  const { records, lastCommit, problems } = recovered(folder);
  expect(records.task.map(({ id }) => id)).toEqual(['task_1', 'task_2']);
  expect({ lastCommit, problems }).toEqual({ lastCommit: 2, problems: [] });
});

test('replays nothing that a later header says is in the files, where head.json cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-head-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const story = new Story();
  const old = story.commit([newTask('task_1', { title: 'old' })]);
  const headline = encodeHeader(1, { segment: 2, after: 1, filesThrough: 1 });
  writeSegment(folder, 1, header(1, 0), line(old));
  writeSegment(folder, 2, headline);
  mkdirSync(join(folder, 'tasks/proj_1'), { recursive: true });
  writeFileSync(
    join(folder, 'tasks/proj_1/task_1.json'),
    JSON.stringify({ ...record('task', 'task_1'), title: 'edited by hand' }),
  );
  // The numbers were changed and the checksum was not.
  writeFileSync(join(folder, 'head.json'), '{"commit":1,"seq":1,"filesThrough":0,"check":"00000000"}');
  const { records, problems } = recovered(folder);
  expect(records.task.map(({ title }) => title)).toEqual(['edited by hand']);
  expect(problems.join()).toContain('head.json');
});

test('reads a journal with as many broken lines as there may be', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-broken-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const story = new Story();
  const [first, , third] = [1, 2, 3].map((id) => story.commit([newTask(`task_${id}`)]));
  if (!first || !third) throw new Error('there are three');
  // The second commit, which the third declares durable, is lost among 300,000 lines that are none.
  writeSegment(folder, 1, header(1, 0), line(first), 'x\n'.repeat(300_000), line(third, 2));
  const { records, problems } = recovered(folder);
  expect(records.task.map(({ id }) => id)).toEqual(['task_1', 'task_3']);
  expect(problems).toHaveLength(2);
  expect(readdirSync(join(folder, 'quarantine'))).toEqual(['journal__00000001.log.line-3']);
});
