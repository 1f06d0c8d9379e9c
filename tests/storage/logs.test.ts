// The logs beside the journal: durable when they say so, whole behind a failure, and bounded.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AnswerLog, loadAnswers } from '../../src/storage/answer-log.ts';
import { FileWriter } from '../../src/storage/file-writer.ts';
import { readLog, SegmentedLog } from '../../src/storage/segmented-log.ts';
import { diskError, watchHandles, watchSyncs } from './file-handles.ts';
import { temporaryFolder } from './place.ts';
import { record } from './story.ts';

const MIB = 1024 * 1024;

const bodiesIn = (folder: string): string[] => [...readLog(folder)].map(({ body }) => body);

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

test('syncs each append to a log, and the name of each of its files', async () => {
  const folder = join(await temporaryFolder(), 'log');
  const log = new SegmentedLog(folder, MIB);
  onTestFinished(() => log.endFile());
  const [contents, names] = [await watchSyncs('datasync'), await watchSyncs('sync')];
  for (const ordinal of [1, 2]) {
    const file = join(folder, `0000000${ordinal}.log`);
    await log.append(['a']);
    expect([contents.take([file]), names.take([folder])]).toEqual([[file], [folder]]);
    await log.append(['b']);
    expect(contents.take([file])).toEqual([file]);
    await log.endFile();
  }
});

test('begins a new file behind an append that failed, so that no line is glued to a fragment', async () => {
  const folder = await temporaryFolder();
  const log = new SegmentedLog(folder, MIB);
  onTestFinished(() => log.endFile());
  await log.append(['first']);
  const writes = await watchHandles('write');
  writes.mockRejectedValueOnce(diskError('ENOSPC'));
  await expect(log.append(['lost'])).rejects.toThrow('ENOSPC');
  await log.append(['second']);
  expect(readdirSync(folder)).toHaveLength(2);
  expect(bodiesIn(folder)).toEqual(['first', 'second']);
});

test('syncs a file before it is renamed to its name where that is asked for', async () => {
  const folder = await temporaryFolder();
  const syncs = await watchSyncs('datasync');
  const path = join(folder, 'head.json');
  await new FileWriter(folder).replaceSynced(path, '{}');
  expect(syncs.take([path])).toEqual([path]);
});

const image = (id: string, text: string | null) => ({
  kind: 'answer' as const,
  id,
  projectId: null,
  record: text === null ? null : record('answer', id, { text }),
});

async function answerLog() {
  const folder = await temporaryFolder();
  const log = new AnswerLog(folder);
  onTestFinished(() => log.close());
  const kept = () => [...loadAnswers(folder)].map(([id, { content }]) => [id, content['text']]);
  return { folder, log, kept };
}

test('an answer that is put again, or dropped, while it is being written is what it became', async () => {
  const { log, kept } = await answerLog();
  log.note(image('key_1', 'old'));
  log.note(image('key_2', 'old'));
  const saved = log.save();
  log.note(image('key_1', 'new'));
  log.note(image('key_2', null));
  await saved;
  await log.save();
  expect(kept()).toEqual([['key_1', 'new']]);
});

test('an answer that was written, put again and dropped before the next save stays dropped', async () => {
  const { log, kept } = await answerLog();
  log.note(image('key_1', 'old'));
  await log.save();
  log.note(image('key_1', 'new'));
  log.note(image('key_1', null));
  await log.save();
  expect(kept()).toEqual([]);
});

test('a log of answers is no larger than twice what it keeps and 16 MiB, and keeps the oldest', async () => {
  const { folder, log, kept } = await answerLog();
  log.note(image('key_oldest', 'kept'));
  const text = 'x'.repeat(MIB);
  for (let round = 0; round < 50; round += 1) {
    log.note(image('key_again', `${round}${text}`));
    await log.save();
    expect(bytesIn(folder)).toBeLessThanOrEqual(2 * 1.01 * MIB + 16 * MIB + 5 * MIB);
  }
  expect(kept().map(([id]) => id)).toEqual(expect.arrayContaining(['key_oldest', 'key_again']));
  expect(kept()).toHaveLength(2);
});
