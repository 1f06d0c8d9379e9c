// What happens between a starter's look at the folder and its claim.
import { linkSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FolderLock } from '../../src/storage/lock.ts';
import { temporaryFolder } from './place.ts';

/** Runs once, while the starter asks whether the claim that it saw is alive. */
const meanwhile = vi.hoisted(() => ({ happens: (): void => undefined }));

vi.mock('node:net', async (importOriginal) => {
  const net = await importOriginal<{ connect: (...all: unknown[]) => unknown }>();
  const asking = (...all: unknown[]): unknown => {
    const socket = net.connect(...all);
    const { happens } = meanwhile;
    meanwhile.happens = () => undefined;
    happens();
    return socket;
  };
  return { ...net, connect: asking as typeof connect };
});

/** A claim of a process that lives, or of one that is dead; `aside` when nobody is to see it yet. */
async function claim(
  folder: string,
  number: number,
  isAlive: boolean,
  name = `lock.${number}`,
): Promise<void> {
  const own = join(folder, `own-${number}`);
  const server = createServer((socket) => socket.end(`${number}\n`));
  await new Promise<void>((resolve) => server.listen(own, resolve));
  linkSync(own, join(folder, name));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  if (isAlive) onTestFinished(close);
  else await close();
}

const refusedBy = (pid: string) => ({ code: 'CONFLICT', details: { pid } });

test('gives its claim back when a higher one was made while it looked at a dead one', async () => {
  const folder = await temporaryFolder();
  await claim(folder, 1, false);
  await claim(folder, 3, true, 'aside');
  meanwhile.happens = () => {
    linkSync(join(folder, 'aside'), join(folder, 'lock.3'));
    rmSync(join(folder, 'lock.1'));
  };
  await expect(new FolderLock(folder).take()).rejects.toMatchObject(refusedBy('3'));
  expect(readdirSync(folder).filter((name) => name.startsWith('lock.'))).toEqual(['lock.3']);
});

test('looks again when its number was claimed while it looked', async () => {
  const folder = await temporaryFolder();
  await claim(folder, 1, false);
  await claim(folder, 2, true, 'aside');
  meanwhile.happens = () => linkSync(join(folder, 'aside'), join(folder, 'lock.2'));
  await expect(new FolderLock(folder).take()).rejects.toMatchObject(refusedBy('2'));
});

test('looks again when the one who claimed its number is dead by then', async () => {
  const folder = await temporaryFolder();
  await claim(folder, 1, false);
  await claim(folder, 2, false, 'aside');
  meanwhile.happens = () => linkSync(join(folder, 'aside'), join(folder, 'lock.2'));
  const lock = new FolderLock(folder);
  await lock.take();
  expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toEqual(['lock', 'lock.3']);
  await lock.release();
});

test('gives up when the holder cleared its socket away', async () => {
  const folder = await temporaryFolder();
  await claim(folder, 1, false);
  await claim(folder, 2, true, 'aside');
  meanwhile.happens = () => {
    linkSync(join(folder, 'aside'), join(folder, 'lock.2'));
    for (const name of readdirSync(folder))
      if (name.startsWith('lock.') && name.includes('-')) rmSync(join(folder, name));
  };
  await expect(new FolderLock(folder).take()).rejects.toMatchObject(refusedBy('2'));
});
