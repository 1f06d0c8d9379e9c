// What of the facts is on disk for a start after a crash: how many, and how many bytes of them.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Fact } from '../../src/domain/facts.ts';
import { FactLog, loadFacts } from '../../src/storage/fact-log.ts';
import { FactWindow } from '../../src/storage/fact-window.ts';
import { diskError, watchHandles } from './file-handles.ts';
import { temporaryFolder } from './place.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

const fact = (seq: number, id = 's'): Fact => ({
  seq,
  type: 'session:updated',
  kind: 'session',
  id,
  projectId: 'p',
});

const changes = (length: number): string =>
  JSON.stringify([{ op: 'set', kind: 'session', id: 's', fields: { name: 'x'.repeat(length) } }]);

async function logOf() {
  const folder = await temporaryFolder();
  const window = new FactWindow(0);
  const log = new FactLog(folder, { window, counts: new Map(), savedSeq: 0 });
  onTestFinished(() => log.close());
  const tell = (count: number, length: number, id?: string) => {
    const text = changes(length);
    for (let index = 0; index < count; index += 1)
      window.add({ fact: fact(window.lastSeq + 1, id), at: 1, changes: text });
  };
  const sizes = () => readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  return { folder, window, log, tell, sizes };
}

const seqsIn = (folder: string): number[] => {
  const { window } = loadFacts(folder);
  return (window.heldSince(window.oldestSeq - 1) ?? []).map((held) => held.fact.seq);
};

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('holds facts without their changes past 800 KiB of changes in a file, and says so to whoever needs them', async () => {
  const { folder, log, tell, sizes } = await logOf();
  tell(4, 300 * KIB);
  await log.save();
  expect(Math.max(...sizes())).toBeLessThan(801 * KIB);
  const { window } = loadFacts(folder);
  expect(window.since(0)).toHaveLength(4);
  expect(window.since(3, true), 'the last is without its changes').toBeUndefined();
  tell(1, 10);
  await log.save();
  const after = loadFacts(folder).window;
  expect(after.since(4, true)?.map(({ changes: held }) => held.length)).toEqual([1]);
});

test('takes changes again in the next file', async () => {
  const { folder, log, tell } = await logOf();
  tell(2, 700 * KIB);
  tell(1_998, 1);
  await log.save();
  tell(1, 300 * KIB);
  await log.save();
  expect(loadFacts(folder).window.since(2_000, true)).toHaveLength(1);
});

test('holds 10,000 facts on disk however many were told, in few files', async () => {
  const { folder, log, tell, sizes } = await logOf();
  for (let round = 0; round < 25; round += 1) {
    tell(1_000, 1);
    await log.save();
    expect(sizes().length).toBeLessThanOrEqual(7);
  }
  const seqs = seqsIn(folder);
  expect(seqs.length).toBeGreaterThanOrEqual(10_000);
  expect(seqs).toEqual(upTo(25_000 - seqs.length + 1, 25_000));
});

test('lets the oldest facts on disk go where all of them are more than 7 MiB', async () => {
  const { folder, log, tell, sizes } = await logOf();
  for (let round = 0; round < 16; round += 1) {
    tell(1_000, 1, 's'.repeat(900));
    await log.save();
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(7 * MIB);
  }
  const seqs = seqsIn(folder);
  expect(seqs.length).toBeGreaterThan(2_000);
  expect(seqs).toEqual(upTo(16_000 - seqs.length + 1, 16_000));
});

test('holds each fact once after a save that failed half way was repeated', async () => {
  const { folder, log, tell } = await logOf();
  tell(10, 10);
  const syncs = await watchHandles('datasync');
  syncs.mockRejectedValueOnce(diskError('EIO'));
  await expect(log.save()).rejects.toThrow('EIO');
  tell(5, 10);
  await log.save();
  expect(seqsIn(folder)).toEqual(upTo(1, 15));
  expect(loadFacts(folder).window.since(0, true)).toHaveLength(15);
});
