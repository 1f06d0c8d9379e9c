// What is synced before anything counts as durable, and what a sync that failed still owes.
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../src/domain/commit.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { RecordFiles } from '../../src/storage/record-files.ts';
import { syncFolder } from '../../src/storage/sync.ts';
import { WriteBehind } from '../../src/storage/write-behind.ts';
import { diskError, watchHandles, watchSyncs } from './file-handles.ts';
import { header, line, segmentPath, writeSegment } from './journal-files.ts';
import { openStorage, temporaryFolder } from './place.ts';
import { newTask, record, Story } from './story.ts';

/** A journal of two segments, as a killed process may have left it unsynced. */
async function unsyncedJournal(): Promise<string> {
  const folder = await temporaryFolder();
  const story = new Story();
  writeSegment(folder, 1, header(1, 0), line(story.commit([newTask('task_1')])));
  writeSegment(folder, 2, header(2, 1), line(story.commit([newTask('task_2')])));
  return folder;
}

test('syncs every segment that a dead process left before it counts as durable', async () => {
  const folder = await unsyncedJournal();
  const syncs = await watchSyncs('datasync');
  const { storage } = await openStorage(folder);
  const segments = [segmentPath(folder, 1), segmentPath(folder, 2)];
  expect(syncs.take(segments)).toEqual(segments);
  expect(storage.load().records.task).toHaveLength(2);
});

test('does not start on a segment of a dead process that the disk does not sync', async () => {
  const folder = await unsyncedJournal();
  const syncs = await watchSyncs('datasync');
  syncs.fail(segmentPath(folder, 1), diskError('EIO'));
  await expect(new FileStorage({ folder, onProblem: () => undefined }).open()).rejects.toThrow('EIO');
});

test('syncs the name of each folder that it made above the data', async () => {
  const above = await temporaryFolder();
  const folder = join(above, 'a/b/data');
  const syncs = await watchSyncs('sync');
  await openStorage(folder);
  const parents = [folder, join(above, 'a/b'), join(above, 'a'), above];
  expect(syncs.take(parents)).toEqual(parents);
});

test('takes a folder for synced whose file system says that it syncs none, and no other failure', async () => {
  const folder = await temporaryFolder();
  const syncs = await watchHandles('sync');
  for (const code of ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EBADF']) {
    syncs.mockRejectedValueOnce(diskError(code));
    await syncFolder(folder);
  }
  for (const code of ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS']) {
    syncs.mockRejectedValueOnce(diskError(code));
    await expect(syncFolder(folder)).rejects.toThrow(code);
  }
  expect(syncs).toHaveBeenCalledTimes(10);
});

/** Files that were written and whose syncs are owed; `paths` of tasks of two projects and a project. */
async function owing() {
  const files = new RecordFiles(await temporaryFolder());
  files.checkPlace();
  const writeBehind = new WriteBehind({ files, monotonic: () => 0, onProblem: () => undefined });
  onTestFinished(() => writeBehind.stop());
  const images: Image[] = [
    { kind: 'project', id: 'proj_1', projectId: 'proj_1', record: record('project', 'proj_1') },
    ...['proj_1', 'proj_2'].map((projectId) => {
      const id = `task_${projectId}`;
      return { kind: 'task' as const, id, projectId, record: record('task', id, { projectId }) };
    }),
  ];
  writeBehind.note(
    images.map((image) => ({ image, isWhole: true })),
    1,
    10,
  );
  await writeBehind.flushAll();
  const paths = images.map((image) => files.pathOf(image));
  const folders = [...new Set([...paths.map(dirname), join(files.root, 'tasks')])].sort();
  const synced = await watchSyncs('datasync');
  const named = await watchSyncs('sync');
  return { writeBehind, paths, folders, synced, named };
}

test('owes the syncs of all files and folders again after the sync of a file failed', async () => {
  const { writeBehind, paths, folders, synced, named } = await owing();
  const [failing = ''] = paths;
  synced.fail(failing, diskError('EIO'));
  await expect(writeBehind.sync()).rejects.toThrow('EIO');
  synced.take(paths);
  named.take(folders);
  synced.fail(failing, null);
  await writeBehind.sync();
  expect(synced.take(paths)).toEqual(paths);
  expect(named.take(folders)).toEqual(folders);
});

test('owes the syncs of all files and folders again after the sync of a folder failed', async () => {
  const { writeBehind, paths, folders, synced, named } = await owing();
  const [failing = ''] = folders;
  named.fail(failing, diskError('EIO'));
  await expect(writeBehind.sync()).rejects.toThrow('EIO');
  synced.take(paths);
  named.take(folders);
  named.fail(failing, null);
  await writeBehind.sync();
  expect(synced.take(paths)).toEqual(paths);
  expect(named.take(folders)).toEqual(folders);
});

test('owes no sync that was paid', async () => {
  const { writeBehind, paths, folders, synced, named } = await owing();
  await writeBehind.sync();
  expect([synced.take(paths), named.take(folders)]).toEqual([paths, folders]);
  await writeBehind.sync();
  expect([synced.take(paths), named.take(folders)]).toEqual([[], []]);
});
