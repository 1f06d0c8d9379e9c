import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../src/domain/commit.ts';
import type { AnyRecord } from '../../src/domain/records.ts';
import { WriteBehind } from '../../src/storage/write-behind.ts';
import { RecordFiles } from '../../src/storage/record-files.ts';
import { diskError, watchHandles } from './file-handles.ts';
import { temporaryFolder, until } from './place.ts';
import { entriesIn, read } from './record-file.ts';
import { record, withEntries } from './story.ts';

const image = (kind: 'session' | 'queue', id: string, entries = 0): Image => ({
  kind,
  id,
  projectId: 'proj_1',
  record:
    kind === 'queue'
      ? record('queue', id, { currentIndex: entries })
      : withEntries(record('session', id), ...Array.from({ length: entries }, (_, index) => `evt_${index}`)),
});

/** Files whose synced writes end when, and how, the test says; the others are counted. */
class HeldFiles extends RecordFiles {
  readonly writes: { image: Image; end: (error?: Error) => void }[] = [];
  readonly unsynced: string[] = [];
  /** What writes without a sync end with. */
  failing: Error | null = null;

  override writeSynced(written: Image, made: AnyRecord): Promise<void> {
    let hasEnded = false;
    return new Promise((resolve, reject) => {
      this.writes.push({
        image: written,
        end: (error) => {
          if (hasEnded) return;
          hasEnded = true;
          if (error) reject(error);
          else resolve(super.writeSynced(written, made));
        },
      });
    });
  }

  override write(written: Image, made: AnyRecord): Promise<void> {
    this.unsynced.push(written.id);
    if (this.failing) return Promise.reject(this.failing);
    return super.write(written, made);
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

test('writes a record within a second of its first change, and all its changes meanwhile at once', async () => {
  const { files, note, time, writeBehind } = await heldWriteBehind();
  note(taskImage('task_1', 'first'), 1);
  await time.advance(100);
  note(taskImage('task_1', 'second'), 2);
  note(taskImage('task_2'), 3);
  await time.advance(300);
  expect(files.unsynced).toEqual([]);
  expect(writeBehind.oldest()).toBe(1);
  await time.advance(500);
  await until('both are written', () => writeBehind.isDone);
  expect(files.unsynced).toEqual(['task_1', 'task_2']);
  expect(read(join(files.root, 'tasks/proj_1/task_1.json'))).toMatchObject({ title: 'second' });
  expect(writeBehind.oldest()).toBeUndefined();
});

test('writes a session that changes all the time once a while, and not for each change', async () => {
  const { files, note, time, writeBehind } = await heldWriteBehind();
  for (let number = 1; number <= 100; number += 1) {
    note(image('session', 'sess_1', number), number);
    await time.advance(50);
    for (const { end } of files.writes) end();
  }
  // Five seconds of changes.
  expect(files.writes.length).toBeGreaterThanOrEqual(5);
  expect(files.writes.length).toBeLessThanOrEqual(9);
  await writeBehind.stop();
});

test('writes records in the order of their oldest change, so that a later one of the first hides none', async () => {
  const { files, note, time, writeBehind } = await heldWriteBehind();
  note(taskImage('task_1', 'first'), 1);
  note(taskImage('task_2'), 2);
  note(taskImage('task_1', 'again'), 3);
  expect(writeBehind.oldest()).toBe(1);
  expect([writeBehind.pendingBytes, writeBehind.behindBytes]).toEqual([20, 20]);
  await time.advance(700);
  await until('both are written', () => writeBehind.isDone);
  expect(files.unsynced).toEqual(['task_1', 'task_2']);
});

test('writes with a sync what the journal holds only changes of', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  note(taskImage('task_whole'), 1);
  note(taskImage('task_part'), 2, 20, false);
  await time.advance(700);
  await writing(1);
  expect(files.unsynced).toEqual(['task_whole']);
  expect(files.writes.map((each) => each.image.id)).toEqual(['task_part']);
  for (const { end } of files.writes) end();
  await until('both are written', () => writeBehind.isDone);
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

test('tries a write that failed again with what came meanwhile, and needs the journal from its oldest change', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  note(taskImage('task_1', 'old'), 3, 30, false);
  await time.advance(700);
  await writing(1);
  note(taskImage('task_1', 'new'), 7, 70, true);
  files.writes[0]?.end(new Error('EIO'));
  await until('it stands aside', () => writeBehind.idle);
  expect(writeBehind.oldest()).toBe(3);
  await time.advance(1_000);
  await writing(2);
  files.writes[1]?.end();
  await until('all is written', () => writeBehind.isDone);
  expect(read(join(files.root, 'tasks/proj_1/task_1.json'))).toMatchObject({ title: 'new' });
  expect(files.unsynced, 'the journal may hold parts of it only').toEqual([]);
});

test('writes with a sync what could not be written and of which parts came since', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  note(taskImage('task_1', 'old'), 1, 10, false);
  await time.advance(700);
  await writing(1);
  files.writes[0]?.end(new Error('EIO'));
  await until('it stands aside', () => writeBehind.idle);
  note(taskImage('task_1', 'new'), 2, 20, false);
  await time.advance(1_000);
  await writing(2);
  files.writes[1]?.end();
  await until('it is written', () => writeBehind.isDone);
  expect(files.unsynced).toEqual([]);
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
  await until('it is written', () => writeBehind.isDone);
  await writeBehind.flush(['task_1', 'task_2', 'task_3'].map((id) => ({ kind: 'task', id })));
  expect(files.unsynced).toEqual(['task_1']);
});

test('begins no write after its stop, waits for those under way, and leaves nobody waiting for a file', async () => {
  const { files, note, time, writing, writeBehind } = await heldWriteBehind();
  const ids = Array.from({ length: 9 }, (_, index) => `sess_${index}`);
  for (const [index, id] of ids.entries()) note(image('session', id), index + 1);
  await time.advance(700);
  await writing(2);
  const flushes = Promise.allSettled(ids.map((id) => writeBehind.flush([{ kind: 'session', id }])));
  let isStopped = false;
  const stopped = writeBehind.stop().then(() => (isStopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  for (const { end } of files.writes) end();
  await stopped;
  const outcomes = (await flushes).map(({ status }) => status);
  expect(files.writes).toHaveLength(2);
  expect(outcomes).toEqual(ids.map((_, index) => (index < 2 ? 'fulfilled' : 'rejected')));
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

test('tries hundreds of files that cannot be written a few at a time', async () => {
  const { files, note, time, writeBehind } = await heldWriteBehind();
  files.failing = new Error('EACCES');
  for (let number = 1; number <= 300; number += 1) note(taskImage(`task_${number}`), number);
  await time.advance(700);
  await until('all stand aside', () => writeBehind.unwritten().length === 300);
  const before = files.unsynced.length;
  for (let round = 0; round < 40; round += 1) {
    await time.advance(50);
    await until('no write is under way', () => writeBehind.idle);
  }
  // In two seconds there are eight times to try again, sixteen files each.
  expect(files.unsynced.length - before).toBeGreaterThan(0);
  expect(files.unsynced.length - before).toBeLessThanOrEqual(9 * 16);
  files.failing = null;
  for (let round = 0; round < 400 && !writeBehind.isDone; round += 1) {
    await time.advance(250);
    await until('no write is under way', () => writeBehind.idle);
  }
  expect(writeBehind.isDone).toBe(true);
});
