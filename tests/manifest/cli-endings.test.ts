// The CLI as a process that does not want to end, and several of them at once.
import { getEventListeners } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { generatorFor, isAlive, nodeCli, pidsIn, shellCli, stubborn } from './fake-cli.ts';
import { neverAborted, order, temporaryFolder } from './orders.ts';

const there = (path: string) => expect.poll(() => existsSync(path), { timeout: 10_000 }).toBe(true);

const writeManifest = `echo '{"manifestVersion":"1.0","role":"worker","tasks":[{"id":"t"}]}' > manifest.json`;

test('ends the whole group at the time limit, though all of it ignores SIGTERM and holds the pipes', async () => {
  const folder = await temporaryFolder();
  const generator = generatorFor(await shellCli(folder, stubborn), folder, { timeoutMs: 500 });
  await expect(generator.generate(order(folder), neverAborted())).rejects.toMatchObject({
    code: 'MANIFEST_GENERATION_ERROR',
    message: expect.stringMatching(/longer than 500 ms/) as string,
  });
  const pids = pidsIn(join(folder, 'sess_1', 'pids'));
  expect(pids).toHaveLength(2);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('ends what is left of the group when the leader goes at SIGTERM and its child does not', async () => {
  const folder = await temporaryFolder();
  const cli = await shellCli(
    folder,
    `(trap '' TERM; exec sleep 600) & echo $$ $! > pids.part; mv pids.part pids; wait`,
  );
  const generator = generatorFor(cli, folder, { timeoutMs: 500 });
  await expect(generator.generate(order(folder), neverAborted())).rejects.toThrow(/longer than 500 ms/);
  expect(pidsIn(join(folder, 'sess_1', 'pids')).filter(isAlive)).toEqual([]);
});

test('does not wait for a child that outlives the CLI, and leaves none behind', async () => {
  const folder = await temporaryFolder();
  const cli = await shellCli(folder, `(trap '' TERM; exec sleep 600) & echo $! > pids; ${writeManifest}`);
  await generatorFor(cli, folder).generate(order(folder), neverAborted());
  expect(pidsIn(join(folder, 'sess_1', 'pids')).filter(isAlive)).toEqual([]);
});

test('does not wait for a process of another group that holds the pipes', async () => {
  const folder = await temporaryFolder();
  const cli = await nodeCli(
    folder,
    `import { spawn } from 'node:child_process';
     const other = spawn('sleep', ['30'], { detached: true, stdio: 'inherit' });
     fs.writeFileSync('pids', String(other.pid));
     write(manifest);
     process.exit(0);`,
  );
  const wanted = order(folder);
  await generatorFor(cli, folder).generate(wanted, neverAborted());
  expect(pidsIn(join(folder, 'sess_1', 'pids')).filter(isAlive)).toHaveLength(1);
});

test('rejects with the reason of an abort, and only when the whole group is gone', async () => {
  const folder = await temporaryFolder();
  const generator = generatorFor(await shellCli(folder, stubborn), folder);
  const abort = new AbortController();
  const made = generator.generate(order(folder), abort.signal).catch((reason: unknown) => reason);
  await there(join(folder, 'sess_1', 'pids'));
  const pids = pidsIn(join(folder, 'sess_1', 'pids'));
  expect(pids.filter(isAlive)).toHaveLength(2);

  const reason = new Error('the session is gone');
  abort.abort(reason);
  expect(await made).toBe(reason);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});

test('starts nothing when it was aborted before', async () => {
  const folder = await temporaryFolder();
  const generator = generatorFor(await shellCli(folder, writeManifest), folder);
  const reason = new Error('too late');
  await expect(generator.generate(order(folder), AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(existsSync(join(folder, 'sess_1'))).toBe(false);
});

test('leaves the line when it is aborted while it waits, and never starts', async () => {
  const folder = await temporaryFolder();
  const cli = await shellCli(
    folder,
    `if [ "$MAESTRO_SESSION_ID" = first ]; then ${stubborn}\nfi\n${writeManifest}`,
  );
  const generator = generatorFor(cli, folder, { concurrency: 1 });
  const [first, second] = [new AbortController(), new AbortController()];
  const running = generator.generate(order(folder, 'first'), first.signal).catch((reason: unknown) => reason);
  await there(join(folder, 'first', 'pids'));
  pidsIn(join(folder, 'first', 'pids'));
  const waiting = generator.generate(order(folder, 'second'), second.signal);
  const third = generator.generate(order(folder, 'third'), neverAborted());

  const reason = new Error('no longer wanted');
  second.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(getEventListeners(second.signal, 'abort')).toEqual([]);

  first.abort();
  await running;
  await third;
  expect(existsSync(join(folder, 'second'))).toBe(false);
});

test('gives a slot away only when the group that had it is gone', async () => {
  const folder = await temporaryFolder();
  const cli = await shellCli(
    folder,
    `if [ "$MAESTRO_SESSION_ID" = first ]; then ${stubborn}\nfi
     for pid in $(cat ../first/pids); do
       case "$(cut -d ' ' -f 3 /proc/$pid/stat 2> /dev/null)" in '' | Z) ;; *) echo $pid >> alive ;; esac
     done
     ${writeManifest}`,
  );
  const generator = generatorFor(cli, folder, { concurrency: 1 });
  const abort = new AbortController();
  const first = generator.generate(order(folder, 'first'), abort.signal).catch((reason: unknown) => reason);
  await there(join(folder, 'first', 'pids'));
  pidsIn(join(folder, 'first', 'pids'));
  const second = generator.generate(order(folder, 'second'), neverAborted());
  abort.abort();
  await first;
  await second;
  expect(existsSync(join(folder, 'second', 'manifest.json'))).toBe(true);
  expect(existsSync(join(folder, 'second', 'alive'))).toBe(false);
});

test('never runs more at once than it may, and runs all of them', async () => {
  const folder = await temporaryFolder();
  const running = join(folder, 'running');
  await mkdir(running);
  // Each notes how many run beside it, and goes on when the test lets them.
  const cli = await shellCli(
    folder,
    `mkdir ../running/$MAESTRO_SESSION_ID
     ls ../running | wc -l >> ../counts
     while [ ! -e ../go ]; do sleep 0.02; done
     ${writeManifest}
     rmdir ../running/$MAESTRO_SESSION_ID`,
  );
  const generator = generatorFor(cli, folder, { concurrency: 2 });
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const abort = new AbortController();
  const all = Promise.all(ids.map((id) => generator.generate(order(folder, id), abort.signal)));
  onTestFinished(async () => {
    abort.abort();
    await Promise.allSettled([all]);
  });
  await expect.poll(() => readdirSync(running).length, { timeout: 10_000 }).toBe(2);
  await writeFile(join(folder, 'go'), '');
  await all;

  const counts = (await readFile(join(folder, 'counts'), 'utf8')).trim().split('\n').map(Number);
  expect(counts).toHaveLength(5);
  expect(Math.max(...counts)).toBe(2);
});

test('goes on with the next after a failure', async () => {
  const folder = await temporaryFolder();
  const cli = await shellCli(folder, `[ "$MAESTRO_SESSION_ID" = bad ] && exit 9\n${writeManifest}`);
  const generator = generatorFor(cli, folder, { concurrency: 1 });
  const bad = generator.generate(order(folder, 'bad'), neverAborted());
  const good = generator.generate(order(folder, 'good'), neverAborted());
  await expect(bad).rejects.toThrow(/exited with code 9/);
  await good;
});
