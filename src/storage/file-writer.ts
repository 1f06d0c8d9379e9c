// Replaces files as a whole: readers see the old content or the new. A file is written under a number in `writing/` and
// renamed to its name, so that what a dead process leaves is in a folder of our own, and nothing of a person's is taken for it.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, FILE_MODE, FOLDER_MODE, writeAll, writeWhole } from './write-atomic.ts';

export class FileWriter {
  readonly #folder: string;
  #temporaries = 0;

  /** @param root DATA_DIR */
  constructor(root: string) {
    this.#folder = join(root, 'writing');
  }

  /** Removes what a dead process left. To be called before anything is written. */
  removeLeftovers(): void {
    mkdirSync(this.#folder, { recursive: true, mode: FOLDER_MODE });
    for (const name of readdirSync(this.#folder))
      if (/^\d+$/.test(name)) rmSync(join(this.#folder, name), { force: true });
  }

  /** Without a sync, so a power cut may leave it torn. @throws what the disk says. */
  async replace(path: string, text: string | Buffer): Promise<void> {
    const temporary = this.#temporary();
    try {
      await withFolder(this.#folder, () => writeFile(temporary, text, { mode: FILE_MODE }));
      await withFolder(dirname(path), () => rename(temporary, path));
    } catch (error) {
      await replaceElsewhere(error, temporary, path, text);
    }
  }

  /** With a sync before the rename, so that a power cut leaves the old content or the new. @throws what the disk says. */
  async replaceSynced(path: string, text: string | Buffer): Promise<void> {
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
    mkdirSync(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const temporary = this.#temporary();
    try {
      await writeSynced(temporary, Buffer.from(text));
      await rename(temporary, path);
    } catch (error) {
      await replaceElsewhere(error, temporary, path, text);
    }
  }

  #temporary(): string {
    this.#temporaries += 1;
    return join(this.#folder, String(this.#temporaries));
  }
}

/** For a folder that is a link to another disk, where nothing of ours can be renamed to. @throws any other error. */
async function replaceElsewhere(
  error: unknown,
  temporary: string,
  path: string,
  text: string | Buffer,
): Promise<void> {
  rmSync(temporary, { force: true });
  if (codeOf(error) !== 'EXDEV') throw error;
  await writeWhole(path, text.toString());
}

/** Does it again with the folder made: asked for only where it is missing, because others may remove it at any time. */
async function withFolder(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await work();
  }
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, 'w', FILE_MODE);
  try {
    await writeAll(handle, bytes, 0);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
