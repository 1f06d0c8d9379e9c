// Makes what was written durable, where the writing itself left that to be paid later.
import { open, type FileHandle } from 'node:fs/promises';
import { codeOf } from './write-atomic.ts';

/** Makes a file's content durable. One that is gone meanwhile owes nothing: its drop owes a sync of the folder. */
export async function syncFile(path: string): Promise<void> {
  // Windows wants a handle that may write.
  await withHandle(path, 'r+', (handle) => handle.datasync());
}

/** What a file system says that does not sync folders (exFAT, SMB, some mounts of containers). */
const notForFolders = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EBADF']);

/**
 * Makes a folder's names durable: files made, renamed or removed in it. A folder that was never made, or is gone, holds
 * no names. Where the file system does not sync folders, names are as durable as it makes them by itself.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // A folder cannot be opened there; NTFS journals its names itself.
  await withHandle(folder, 'r', (handle) =>
    handle.sync().catch((error: unknown) => {
      if (!notForFolders.has(codeOf(error))) throw error;
    }),
  );
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
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}
