// Records that cannot be written and hold the journal back are asked for again, but not without end.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { temporaryFolder, until } from './place.ts';
import { newTask, put, record, Story } from './story.ts';

const CHECKPOINT_MS = 500;
const MEGABYTE = 'x'.repeat(1024 * 1024);

test('asks for a held back record once for each 16 MiB of journal, also where it cannot be had', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = await temporaryFolder();
  const asked: string[] = [];
  const storage = new FileStorage({
    folder,
    onProblem: () => undefined,
    onHeldBack: (references) => asked.push(...references.map(({ id }) => id)),
  });
  await storage.open();
  onTestFinished(() => storage.close());
  mkdirSync(join(folder, 'sessions/sess_blocked.json/in the way'), { recursive: true });
  const story = new Story();
  await story.tell(storage, put('session', record('session', 'sess_blocked')));
  await until('it cannot be written', () => storage.status().unwritten.count === 1);
  const grow = async (megabytes: number) => {
    for (let count = 0; count < megabytes; count += 1)
      await story.tell(storage, newTask('task_1', { description: `${story.number}${MEGABYTE}` }));
    for (let count = 0; count < 5; count += 1) vi.advanceTimersByTime(CHECKPOINT_MS);
  };
  await grow(15);
  expect(asked).toEqual([]);
  await grow(3);
  expect(asked).toEqual(['sess_blocked']);
  await grow(10);
  expect(asked).toEqual(['sess_blocked']);
  await grow(8);
  expect(asked).toEqual(['sess_blocked', 'sess_blocked']);
});
