// What happens when more comes in than the disk can take.
import { expect, onTestFinished, test } from 'vitest';
import { RecordFiles } from '../../src/storage/record-files.ts';
import { watchHandles } from './file-handles.ts';
import { openStorage, segmentsIn, temporaryFolder, until } from './place.ts';
import { found, newTask, put, record, shown, Story } from './story.ts';

const MEGABYTE = 1024 * 1024;

test('lets commits wait for the files past 64 MiB of journal, refuses them for a while, and goes on', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  // The disk is slow: the file of the queue is being written, and stays so until the test lets it.
  let finish: () => void = () => undefined;
  const syncs = await watchHandles('datasync');
  await story.tell(storage, put('queue', record('queue', 'sess_1')));
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on what it was called on, below
  const { writeSynced } = RecordFiles.prototype;
  const slow = new Promise<void>((resolve) => (finish = resolve));
  RecordFiles.prototype.writeSynced = async function (image, made) {
    await slow;
    return writeSynced.call(this, image, made);
  };
  onTestFinished(() => void (RecordFiles.prototype.writeSynced = writeSynced));
  const writing = storage.flush([{ kind: 'queue', id: 'sess_1' }]);
  const text = 'x'.repeat(11 * MEGABYTE);
  for (let round = 0; round < 6; round += 1)
    await story.tell(storage, newTask('task_1', { description: `${round}${text}` }));
  expect(storage.status()).toMatchObject({ state: 'ok' });
  expect(storage.status().behindBytes).toBeGreaterThan(64 * MEGABYTE);
  expect(syncs.mock.calls.length).toBeGreaterThan(5);

  const before = { number: story.number, seq: story.seq };
  const outcomes = await Promise.allSettled(
    [1, 2].map((number) => storage.commit(story.commit([newTask(`task_lost_${number}`)]))),
  );
  Object.assign(story, before);
  const codes = outcomes.map((each) =>
    each.status === 'rejected' ? (each.reason as { code: string }).code : '',
  );
  expect(codes).toEqual(['OVERLOADED', 'OVERLOADED']);

  const waiting = story.tell(storage, newTask('task_waits'));
  finish();
  await Promise.all([waiting, writing]);
  await until('the files have caught up', () => storage.status().behindBytes === 0);
  await storage.close();
  expect(await segmentsIn(folder)).toEqual([]);
  const loaded = (await openStorage(folder)).storage.load();
  expect(Object.keys(shown(loaded))).toEqual(['queue/sess_1', 'task/task_1', 'task/task_waits']);
  expect(found(loaded, 'task', 'task_1')?.description[0]).toBe('5');
});

test('refuses commits when too many bytes wait for a slow sync, and takes those that were given before', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const syncs = await watchHandles('datasync');
  let finish: () => void = () => undefined;
  syncs.mockImplementationOnce(() => new Promise<void>((resolve) => (finish = resolve)));
  const story = new Story();
  const first = story.tell(storage, newTask('task_1'));
  await until('the sync began', () => syncs.mock.calls.length === 1);
  const text = 'x'.repeat(13 * MEGABYTE);
  const given = [1, 2, 3, 4, 5].map(() =>
    story.tell(storage, put('answer', record('answer', 'key_1', { text }))),
  );
  expect(storage.refusal()).toMatchObject({ code: 'OVERLOADED' });
  const before = { number: story.number, seq: story.seq };
  await expect(story.tell(storage, newTask('task_2'))).rejects.toMatchObject({ code: 'OVERLOADED' });
  Object.assign(story, before);
  finish();
  await Promise.all([first, ...given]);
  expect(storage.refusal()).toBeNull();
  await story.tell(storage, newTask('task_3'));
  await storage.close();
  const loaded = (await openStorage(folder)).storage.load();
  expect(Object.keys(shown(loaded))).toEqual(['answer/key_1', 'task/task_1', 'task/task_3']);
});
