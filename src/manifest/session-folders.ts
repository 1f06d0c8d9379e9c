// The folders of sessions below SESSION_DIR, and their removal with the session. A removal that a crash or the file system
// interrupts is noted by a file in a folder of the server's own, and tried again at the next start. By then a person may
// have put something there: it removes only files that this software wrote, and the folder when nothing else is in it.
import { lstat, mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asError } from '../domain/errors.ts';
import { Id } from '../domain/ids.ts';

/** What the server and `maestro host` write into a session's folder, the temporary files of atomic writes included. */
const OURS = /^(?:manifest\.json|agent\.json)(?:\.\d+)?$|^agent\.log$/;

export interface SessionFoldersOptions {
  sessionDir: string;
  /** Holds an empty file for each removal that is not complete, named by the session's id. */
  pendingDir: string;
  warn: (fault: Error, message: string) => void;
}

export class SessionFolders {
  readonly #options: SessionFoldersOptions;

  constructor(options: SessionFoldersOptions) {
    this.#options = options;
  }

  /**
   * Deletes a session, and its folder when that is durable. What becomes of the folder does not change the outcome.
   * @param id of a session that is there
   * @throws what `commit` throws.
   */
  async removeWith(id: string, commit: () => Promise<unknown>): Promise<void> {
    const hasFolder = await this.#isFolder(id);
    if (hasFolder) await this.#note(id);
    try {
      await commit();
    } catch (error) {
      if (hasFolder) await this.#forget(id);
      throw error;
    }
    if (hasFolder) await this.#finish(id, (folder) => rm(folder, { recursive: true, force: true }));
  }

  /** After start: goes on with removals that are not complete. @param isThere whether a session was not deleted */
  async resume(isThere: (id: string) => boolean): Promise<void> {
    const pending = await readdir(this.#options.pendingDir).catch(() => []);
    for (const id of pending) {
      if (!Id.safeParse(id).success) continue;
      if (isThere(id)) await this.#forget(id);
      else await this.#finish(id, removeOurs);
    }
  }

  async #finish(id: string, remove: (folder: string) => Promise<void>): Promise<void> {
    try {
      if (await this.#isFolder(id)) await remove(join(this.#options.sessionDir, id));
      await this.#forget(id);
    } catch (thrown) {
      const message = `the folder of deleted session ${id} could not be removed; the next start tries again`;
      this.#options.warn(asError(thrown), message);
    }
  }

  /** A link is followed by nothing here. */
  async #isFolder(id: string): Promise<boolean> {
    const found = await lstat(join(this.#options.sessionDir, id)).catch(() => undefined);
    return found?.isDirectory() === true;
  }

  async #note(id: string): Promise<void> {
    const { pendingDir, warn } = this.#options;
    try {
      await mkdir(pendingDir, { recursive: true, mode: 0o700 });
      await writeFile(join(pendingDir, id), '', { mode: 0o600 });
    } catch (thrown) {
      warn(asError(thrown), `the removal of the folder of session ${id} could not be noted`);
    }
  }

  async #forget(id: string): Promise<void> {
    await rm(join(this.#options.pendingDir, id), { force: true }).catch(() => undefined);
  }
}

async function removeOurs(folder: string): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((each) => OURS.test(each))) await rm(join(folder, name), { force: true });
  if (names.every((name) => OURS.test(name))) await rmdir(folder);
}
