// Replaces a file as a whole: readers see the old content or the new.
import { writeFile, type FileHandle } from 'node:fs/promises';
import { onExit } from 'signal-exit';
import writeFileAtomic from 'write-file-atomic';

// The library has its temporary file removed should the process end meanwhile. With no other listener, signal-exit puts
// handlers on fifteen signals and takes them off again for each file: a tenth of the time of a busy server.
onExit(() => undefined);

export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;

/** Given, so that the library does not look them up and change them for each file. */
const owner = process.getuid && process.getgid ? { uid: process.getuid(), gid: process.getgid() } : undefined;

/**
 * With a sync before the rename, so that a power cut leaves the old content or the new. The content is written here and not
 * by the library, which makes one write call and takes a short one, the first sign of a full disk, for a success.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  // The library awaits what the hook returns; its types know only the synchronous form.
  const fill = ((temporary: string) => writeFile(temporary, text)) as (temporary: string) => void;
  await writeFileAtomic(path, '', { mode: FILE_MODE, chown: owner, fsync: true, tmpfileCreated: fill });
}

/** Writes all bytes at a position. A short write is the first sign of a full disk: the rest is tried once more, so that the cause becomes known. */
export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    if (bytesWritten === 0) throw new Error('the disk took no more bytes');
    written += bytesWritten;
  }
}

/** The code of a system error; '' for any other. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
