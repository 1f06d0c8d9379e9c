// Counts, or fails, what all open files are asked to do.
import { fstatSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi, type MockInstance } from 'vitest';

type Asked = 'datasync' | 'write' | 'truncate' | 'sync';

async function handlePrototype(): Promise<FileHandle> {
  const handle = await open(fileURLToPath(import.meta.url));
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

/** Watches one method of every file handle until the test ends. */
export async function watchHandles(asked: Asked): Promise<MockInstance> {
  const spy = vi.spyOn(await handlePrototype(), asked);
  onTestFinished(() => spy.mockRestore());
  return spy;
}

export interface WatchedSyncs {
  /** Of these files or folders, those that a sync was asked for since the last call. */
  take: (paths: string[]) => string[];
  /** The next syncs of this path fail with this error. */
  fail: (path: string, error: Error | null) => void;
}

/** Watches which files (`datasync`) or folders (`sync`) are synced until the test ends. */
export async function watchSyncs(asked: 'datasync' | 'sync'): Promise<WatchedSyncs> {
  const prototype = await handlePrototype();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called below with the handle that it belongs to
  const original = prototype[asked];
  const synced = new Set<number>();
  const failures = new Map<number, Error>();
  const spy = vi.spyOn(prototype, asked).mockImplementation(async function (this: FileHandle) {
    const { ino } = fstatSync(this.fd);
    synced.add(ino);
    const failure = failures.get(ino);
    if (failure) throw failure;
    await original.call(this);
  });
  onTestFinished(() => spy.mockRestore());
  const inodeOf = (path: string): number => statSync(path).ino;
  return {
    take: (paths) => {
      const found = paths.filter((path) => synced.has(inodeOf(path)));
      synced.clear();
      return found;
    },
    fail: (path, error) => {
      if (error) failures.set(inodeOf(path), error);
      else failures.delete(inodeOf(path));
    },
  };
}

/** The error of a disk that cannot do it. */
export const diskError = (code: string): Error =>
  Object.assign(new Error(`${code}: made by a test`), { code });
