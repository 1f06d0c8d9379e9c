// The log of kept answers: what is kept is there after each start, and what is not costs no room.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashed, openStorage, temporaryFolder, until } from './place.ts';
import { drop, found, put, record, Story } from './story.ts';

const answer = (id: string, text = '{}') => put('answer', record('answer', id, { text }));

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

/** The last commit that head.json says is in files and logs. */
const savedThrough = (folder: string): number =>
  existsSync(join(folder, 'head.json'))
    ? (JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8')) as { filesThrough: number }).filesThrough
    : 0;

test('keeps answers over stops and crashes, in few files', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  let place = folder;
  for (let round = 0; round < 4; round += 1) {
    const { storage } = await openStorage(place);
    expect(storage.load().records.answer).toHaveLength(round * 50);
    for (let index = 0; index < 50; index += 1) await story.tell(storage, answer(`key_${round}_${index}`));
    if (round % 2 === 0) await storage.close();
    else place = await crashed(place);
  }
  const loaded = (await openStorage(place)).storage.load();
  expect(loaded.records.answer).toHaveLength(200);
  expect(readdirSync(join(place, 'answers')).length).toBeLessThanOrEqual(4);
});

test('an answer that was dropped stays dropped, and one that was put again is the new one', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  const first = (await openStorage(folder)).storage;
  await story.tell(first, answer('key_1', '"old"'), answer('key_2'), answer('key_3'));
  await first.close();
  const second = (await openStorage(folder)).storage;
  story.records.clear();
  for (const each of second.load().records.answer) story.records.set(`answer/${each.id}`, each);
  await story.tell(second, drop('answer', 'key_2'), answer('key_1', '"new"'));
  await second.close();
  const loaded = (await openStorage(folder)).storage.load();
  expect(loaded.records.answer.map(({ id }) => id).sort()).toEqual(['key_1', 'key_3']);
  expect(found(loaded, 'answer', 'key_1')?.text).toBe('"new"');
});

test('room that dropped answers took is given back, also where one of the oldest is kept', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  await story.tell(storage, answer('key_kept', '"kept"'));
  const text = JSON.stringify('x'.repeat(1024 * 1024));
  for (let round = 0; round < 60; round += 1) {
    await story.tell(storage, answer(`key_${round}`, text));
    if (round >= 2) await story.tell(storage, drop('answer', `key_${round - 2}`));
    // Those before are written to the log before they are dropped.
    if (round % 10 === 9) await until('all is saved', () => savedThrough(folder) === story.number, 30_000);
  }
  await until('the log is small', () => bytesIn(join(folder, 'answers')) < 30 * 1024 * 1024, 30_000);
  await storage.close();
  const loaded = (await openStorage(folder)).storage.load();
  expect(loaded.records.answer.map(({ id }) => id).sort()).toEqual(['key_58', 'key_59', 'key_kept']);
});

test('takes over the files in which an older version kept answers', async () => {
  const folder = await temporaryFolder();
  mkdirSync(join(folder, 'answers'), { recursive: true });
  const path = join(folder, 'answers/key_old.json');
  writeFileSync(path, JSON.stringify(record('answer', 'key_old', { text: '"old"' })));
  const { storage } = await openStorage(folder);
  expect(found(storage.load(), 'answer', 'key_old')?.text).toBe('"old"');
  await storage.close();
  expect(existsSync(path)).toBe(false);
  expect(found((await openStorage(folder)).storage.load(), 'answer', 'key_old')?.text).toBe('"old"');
});
