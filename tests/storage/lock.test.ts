import { mkdir, readdir, readFile, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStorage, temporaryFolder, until } from './place.ts';
import { run, saying, type Running } from './process.ts';

interface Refused {
  code: string;
  message: string;
  details: { pid: string };
}

const kill = async (running: Running): Promise<void> => {
  running.child.kill('SIGKILL');
  await running.ended;
};

/** What a starter came to: its pid when it holds the folder, why not when it was refused. */
async function outcome(running: Running): Promise<number | Refused> {
  const said = () => running.said.find((each) => 'held' in each || 'refused' in each);
  await until(
    'a starter holds the folder or is refused',
    () => said() !== undefined || running.hasEnded(),
    10_000,
  );
  const value = said();
  if (!value) throw new Error(`it ended: ${await running.ended}`);
  return (value['held'] ?? value['refused']) as number | Refused;
}

test('refuses a second server of one folder and says who holds it', async () => {
  const folder = await temporaryFolder();
  const holder = run('holder.mjs', folder);
  await saying(holder, 'held');
  const { pid } = holder;
  await expect(openStorage(folder)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(`(pid ${pid})`) as string,
    details: { pid: String(pid) },
  });
  expect(await outcome(run('holder.mjs', folder))).toMatchObject({
    code: 'CONFLICT',
    details: { pid: String(pid) },
  });
});

test('refuses a second storage of one folder in one process', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  await expect(openStorage(folder)).rejects.toMatchObject({ code: 'CONFLICT' });
  await storage.close();
  await openStorage(folder);
});

test('refuses a folder that is held under another name', async () => {
  const parent = await temporaryFolder();
  await mkdir(join(parent, 'real'));
  await symlink(join(parent, 'real'), join(parent, 'link'));
  await openStorage(join(parent, 'real'));
  await expect(openStorage(join(parent, 'link'))).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('takes over at once from a holder that was killed', async () => {
  const folder = await temporaryFolder();
  for (let round = 0; round < 3; round += 1) {
    const holder = run('holder.mjs', folder);
    await saying(holder, 'held');
    await kill(holder);
    const { storage } = await openStorage(folder);
    expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
    await storage.close();
  }
});

test('leaves one dead claim behind after a stop, and nothing of those that were killed', async () => {
  const folder = await temporaryFolder();
  const killed = run('holder.mjs', folder);
  await saying(killed, 'held');
  await kill(killed);
  const { storage } = await openStorage(folder);
  await storage.close();
  expect((await readdir(folder)).filter((name) => name.includes('lock'))).toEqual(['lock.2']);
});

test('is held by a stopped process, too', async () => {
  const folder = await temporaryFolder();
  const holder = run('holder.mjs', folder);
  await saying(holder, 'held');
  holder.child.kill('SIGSTOP');
  try {
    await expect(openStorage(folder)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { pid: String(holder.pid) },
    });
  } finally {
    holder.child.kill('SIGCONT');
  }
  expect(await outcome(run('holder.mjs', folder))).toMatchObject({ code: 'CONFLICT' });
});

test.each([2, 4])('has exactly one winner when %i starters find a dead lock at once', async (count) => {
  const folder = await temporaryFolder();
  for (let round = 0; round < 3; round += 1) {
    const starters = Array.from({ length: count }, () => run('holder.mjs', folder, 'wait'));
    await Promise.all(starters.map((each) => saying(each, 'ready')));
    for (const { child } of starters) child.stdin?.write('go\n');
    const outcomes = await Promise.all(starters.map(outcome));
    const winners = outcomes.filter((each) => typeof each === 'number');
    expect(winners).toHaveLength(1);
    expect(outcomes.filter((each) => typeof each !== 'number').map(({ code }) => code)).toEqual(
      Array.from({ length: count - 1 }, () => 'CONFLICT'),
    );
    // The winner still holds it after the losers are gone.
    const losers = starters.filter(({ pid }) => pid !== winners[0]);
    for (const { child } of losers) child.stdin?.end();
    await Promise.all(losers.map(({ ended }) => ended));
    await expect(openStorage(folder)).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { pid: String(winners[0]) },
    });
    await Promise.all(starters.filter(({ pid }) => pid === winners[0]).map(kill));
  }
});

// Socket paths are limited to about a hundred bytes: every length around that, and far beyond.
test.each([69, 70, 71, 100, 103, 108, 250])('holds a folder whose path has %i bytes', async (length) => {
  const parent = await temporaryFolder();
  const name = 'd'.repeat(Math.max(1, length - parent.length - 1));
  const folder = join(parent, name);
  const holder = run('holder.mjs', folder);
  await saying(holder, 'held');
  await expect(openStorage(folder)).rejects.toMatchObject({
    code: 'CONFLICT',
    details: { pid: String(holder.pid) },
  });
  await kill(holder);
  const { storage } = await openStorage(folder);
  await expect(openStorage(folder)).rejects.toMatchObject({ code: 'CONFLICT' });
  await storage.close();
});

test('is held through a change of the folder for temporary files', async () => {
  const parent = await temporaryFolder();
  const folder = join(parent, 'd'.repeat(120));
  await openStorage(folder);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = parent;
  try {
    await expect(openStorage(folder)).rejects.toMatchObject({ code: 'CONFLICT' });
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

test('lets a folder go that was moved meanwhile', async () => {
  const parent = await temporaryFolder();
  const { storage } = await openStorage(join(parent, 'here'));
  await rename(join(parent, 'here'), join(parent, 'there'));
  await storage.close().catch(() => undefined);
  await openStorage(join(parent, 'there'));
});
