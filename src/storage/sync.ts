// Makes what was written durable, where the writing itself left that to be paid later.
import { open, type FileHandle } from 'node:fs/promises';

/** Makes a file's content durable. One that is gone meanwhile owes nothing: its drop owes a sync of the folder. */
export async function syncFile(path: string): Promise<void> {
  // Windows wants a handle that may write.
  await withHandle(path, 'r+', (handle) => handle.datasync());
}

/**
 * Makes a folder's names durable: files made, renamed or removed in it. write-file-atomic leaves that to its caller.
 * A folder that was never made, or is gone, holds no names.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // A folder cannot be opened there; NTFS journals its names itself.
  await withHandle(folder, 'r', (handle) => handle.sync());
}

async function withHandle(
  path: string,
  flags: string,
  work: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, flags);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}
