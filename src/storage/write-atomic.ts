// Replaces a file as a whole: readers see the old content or the new. With a sync it is write-file-atomic that names the
// temporary file, serialises writers of one path and renames; the content is written here, because the library makes one
// write call and takes a short one, the first sign of a full disk, for a success: the file would be renamed torn.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { onExit } from 'signal-exit';
import writeFileAtomic from 'write-file-atomic';

// The library has its temporary file removed should the process end meanwhile. With no other listener, signal-exit puts
// handlers on fifteen signals and takes them off again for each file: a tenth of the time of a busy server.
onExit(() => undefined);

export const FILE_MODE = 0o600;

/** Given, so that the library does not look them up and change them for each file. */
const owner = process.getuid && process.getgid ? { uid: process.getuid(), gid: process.getgid() } : undefined;

/** As the library's names are, so that what a dead process left is known by it. */
const TEMPORARY = '.1000000000';

/**
 * Blocks; without a sync, which is owed until the journal lets go of the same content. Two calls in place of the library's
 * nine: nobody writes the same path meanwhile, for this blocks and the folder has one server (docs/decisions/0004).
 */
export function writeUnsynced(path: string, text: string): void {
  const temporary = `${path}${TEMPORARY}`;
  try {
    // With all three options given Node opens, writes and closes in one call.
    writeFileSync(temporary, text, { encoding: 'utf8', mode: FILE_MODE, flag: 'w' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** With a sync before the rename, so that a power cut leaves the old content or the new. */
export async function writeSynced(path: string, text: string): Promise<void> {
  // The library awaits what the hook returns; its types know only the synchronous form.
  const fill = ((temporary: string) => writeFile(temporary, text)) as (temporary: string) => void;
  await writeFileAtomic(path, '', { mode: FILE_MODE, chown: owner, fsync: true, tmpfileCreated: fill });
}
