// What happens when more comes in than the disk can take.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { watchHandles } from './file-handles.ts';
import { openStorage, segmentsIn, temporaryFolder, until } from './place.ts';
import { found, newTask, put, record, shown, Story } from './story.ts';

const MEGABYTE = 1024 * 1024;

test('lets commits wait for the files past 64 MiB of journal, refuses them for a while, and goes on', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const inTheWay = join(folder, 'answers/key_1.json');
  mkdirSync(join(inTheWay, 'inside'), { recursive: true });
  const text = 'x'.repeat(11 * MEGABYTE);
  for (let round = 0; round < 7; round += 1)
    await story.tell(storage, put('answer', record('answer', 'key_1', { text: `${round}${text}` })));
  expect(storage.status()).toMatchObject({ state: 'ok' });
  expect(storage.status().behindBytes).toBeGreaterThan(64 * MEGABYTE);

  const lost = new Story({ lastCommit: 7, lastSeq: 0 });
  const outcomes = await Promise.allSettled(
    [1, 2].map((number) => storage.commit(lost.commit([newTask(`task_lost_${number}`)]))),
  );
  const codes = outcomes.map((each) =>
    each.status === 'rejected' ? (each.reason as { code: string }).code : '',
  );
  expect(codes).toEqual(['OVERLOADED', 'OVERLOADED']);

  const waiting = story.tell(storage, newTask('task_waits'));
  rmSync(inTheWay, { recursive: true });
  await waiting;
  await until('the files have caught up', () => storage.status().behindBytes === 0);
  await storage.close();
  expect(await segmentsIn(folder)).toEqual([]);
  const loaded = (await openStorage(folder)).storage.load();
  expect(Object.keys(shown(loaded))).toEqual(['answer/key_1', 'task/task_waits']);
  expect(found(loaded, 'answer', 'key_1')?.text?.[0]).toBe('6');
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
