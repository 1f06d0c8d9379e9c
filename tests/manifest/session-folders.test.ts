// The folder of a session goes with it, whenever that becomes possible; what others put there stays.
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SessionFolders } from '../../src/manifest/session-folders.ts';
import { temporaryFolder } from '../support/folder.ts';

function arrange() {
  const root = temporaryFolder();
  const [sessionDir, pendingDir] = [join(root, 'sessions'), join(root, 'removals')];
  const folder = join(sessionDir, 'sess_a');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manifest.json'), '{}');
  const warnings: string[] = [];
  const warn = (_: Error, message: string): void => void warnings.push(message);
  const folders = new SessionFolders({ sessionDir, pendingDir, warn });
  const pending = () => (existsSync(pendingDir) ? readdirSync(pendingDir) : []);
  return { root, sessionDir, folder, folders, pending, warnings };
}

const done = () => Promise.resolve();

it('a folder is gone when its session is, and nothing stays noted', async () => {
  const { folder, folders, pending } = arrange();
  let notedBefore: string[] = [];
  await folders.removeWith('sess_a', () => {
    notedBefore = pending();
    expect(existsSync(folder)).toBe(true);
    return done();
  });
  expect([notedBefore, pending(), existsSync(folder)]).toEqual([['sess_a'], [], false]);
});

it('a deletion that is refused leaves the folder, and is not gone on with', async () => {
  const { folder, folders, pending } = arrange();
  await expect(folders.removeWith('sess_a', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  await folders.resume(() => false);
  expect([pending(), readdirSync(folder)]).toEqual([[], ['manifest.json']]);
});

it('a removal that a crash cut off is gone on with at the next start, and only of what is gone', async () => {
  const { folder, folders, pending, sessionDir } = arrange();
  mkdirSync(join(sessionDir, 'sess_b'));
  const crashed = folders.removeWith('sess_a', () => new Promise(() => undefined));
  void crashed;
  await expect.poll(pending).toEqual(['sess_a']);
  await folders.resume((id) => id === 'sess_a');
  expect([pending(), existsSync(folder)]).toEqual([[], true]);
  void folders.removeWith('sess_a', () => new Promise(() => undefined));
  await expect.poll(pending).toEqual(['sess_a']);
  await folders.resume(() => false);
  expect([pending(), readdirSync(sessionDir)]).toEqual([[], ['sess_b']]);
});

it('at the next start what a person put into the folder meanwhile stays', async () => {
  const { folder, folders, pending } = arrange();
  void folders.removeWith('sess_a', () => new Promise(() => undefined));
  await expect.poll(pending).toEqual(['sess_a']);
  for (const name of ['notes.txt', 'manifest.json.123', 'agent.log', 'manifest.json.bak'])
    writeFileSync(join(folder, name), '');
  await folders.resume(() => false);
  expect([pending(), readdirSync(folder).sort()]).toEqual([[], ['manifest.json.bak', 'notes.txt']]);
});

it('a link in the place of the folder is not followed', async () => {
  const { root, sessionDir, folder, folders } = arrange();
  mkdirSync(join(root, 'elsewhere'));
  writeFileSync(join(root, 'elsewhere', 'manifest.json'), '{}');
  symlinkSync(join(root, 'elsewhere'), join(sessionDir, 'sess_l'));
  await folders.removeWith('sess_l', done);
  expect([readdirSync(join(root, 'elsewhere')), existsSync(folder)]).toEqual([['manifest.json'], true]);
});

it('a folder that cannot be removed is said, tried again, and the deletion succeeds all the same', async () => {
  const { sessionDir, folder, folders, pending, warnings } = arrange();
  // A name that is a folder where a file is expected: it cannot be unlinked.
  await folders.removeWith('sess_a', () => new Promise<void>((resolve) => resolve()));
  mkdirSync(join(folder, 'manifest.json'), { recursive: true });
  void folders.removeWith('sess_a', () => new Promise(() => undefined));
  await expect.poll(pending).toEqual(['sess_a']);
  await folders.resume(() => false);
  expect(warnings).toEqual([expect.stringContaining('deleted session sess_a')]);
  expect([pending(), readdirSync(sessionDir)]).toEqual([['sess_a'], ['sess_a']]);
});
