// Counts, or fails, what all open files are asked to do.
import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi, type MockInstance } from 'vitest';

type Asked = 'datasync' | 'write' | 'truncate' | 'sync';

/** Watches one method of every file handle until the test ends. */
export async function watchHandles(asked: Asked): Promise<MockInstance> {
  const handle = await open(fileURLToPath(import.meta.url));
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const spy = vi.spyOn(prototype, asked);
  onTestFinished(() => spy.mockRestore());
  return spy;
}

/** The error of a disk that cannot do it. */
export const diskError = (code: string): Error =>
  Object.assign(new Error(`${code}: made by a test`), { code });
