import { open } from 'node:fs/promises';

/** Makes a folder's names durable: files made, renamed or removed in it. write-file-atomic leaves that to its caller. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // A folder cannot be opened there; NTFS journals its names itself.
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
