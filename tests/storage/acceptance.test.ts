import { onTestFinished } from 'vitest';
import { MemoryStorage, type MemoryDisk } from '../support/memory-storage.ts';
import { storageAcceptance } from './acceptance.ts';
import { crashed, openStorage, temporaryFolder } from './place.ts';

storageAcceptance('file storage', async () => {
  const folder = await temporaryFolder();
  return {
    start: async () => (await openStorage(folder)).storage,
    crash: async () => (await openStorage(await crashed(folder))).storage,
  };
});

storageAcceptance('memory storage', () => {
  const disk: MemoryDisk = { commits: [] };
  const start = async () => {
    const storage = new MemoryStorage(disk);
    await storage.open();
    onTestFinished(() => storage.close());
    return storage;
  };
  return Promise.resolve({ start, crash: start });
});
