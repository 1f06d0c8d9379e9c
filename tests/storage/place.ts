// A folder of its own for each test, what a crash leaves of it, and waits that end.
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FileStorage } from '../../src/storage/file-storage.ts';

/** A folder that goes when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-storage-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Opened {
  storage: FileStorage;
  /** What the running storage reported. */
  problems: string[];
}

/** An open storage that is closed when the test ends, if it is not by then. */
export async function openStorage(folder: string): Promise<Opened> {
  const problems: string[] = [];
  const storage = new FileStorage({ folder, onProblem: (problem) => problems.push(problem) });
  await storage.open();
  onTestFinished(() => storage.close());
  return { storage, problems };
}

/**
 * What `kill -9` would leave of a folder in which no commit is under way. Its files may still follow while they are
 * copied. So head.json comes first, that it promises nothing which the copy has not, and then the journal, which lets go
 * only of what the others have by then; a file that is renamed or removed under the copy's hands begins it anew.
 */
export async function crashed(folder: string): Promise<string> {
  for (let copies = 1; ; copies += 1) {
    const copy = await temporaryFolder();
    try {
      await cp(join(folder, 'head.json'), join(copy, 'head.json')).catch(ignoreMissing);
      await cp(join(folder, 'journal'), join(copy, 'journal'), { recursive: true });
      const isOther = (path: string) => !/^(?:lock|head\.json|journal)/.test(basename(path));
      await cp(folder, copy, { recursive: true, filter: isOther });
      return copy;
    } catch (error) {
      if (copies === 20) throw error;
      ignoreMissing(error);
    }
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}

/** What a crash leaves when the files had no time to follow at all. */
export async function crashedBeforeFiles(folder: string): Promise<string> {
  const copy = await temporaryFolder();
  await cp(join(folder, 'journal'), join(copy, 'journal'), { recursive: true });
  return copy;
}

export const segmentsIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(folder, 'journal'))).sort();

/** Resolves when the condition holds; rejects with what was waited for when it does not hold in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 5_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    if (await condition()) return;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
