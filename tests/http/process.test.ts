// The built server as a process: what must not end it, and what must end it in order.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Api } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { raw } from '../support/raw.ts';
import { repository, startProcess } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

const MANY = 2_000;

/** Code that runs in the server's process before its own. */
const before = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
});

const journalOf = (folder: string): string =>
  readdirSync(join(folder, 'data/journal'))
    .map((name) => readFileSync(join(folder, 'data/journal', name), 'utf8'))
    .join('');

const entriesOf = (folder: string): any[] =>
  JSON.parse(readFileSync(join(folder, '.maestro/token'), 'utf8')).servers;

describe('a start', () => {
  it('succeeds with a token where the home cannot be written, and says what follows', async () => {
    const folder = temporaryFolder();
    const home = join(folder, 'no-folder');
    writeFileSync(home, '');
    const server = await startProcess({ HOME: home, MAESTRO_TOKEN: 'secret' }, folder);
    expect(server.output()).toMatch(/WARN: .*MAESTRO_TOKEN.*no-folder\/\.maestro\/token/);
    expect((await new Api(server.api.url, 'secret').get('/health')).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it('is stopped in order by a signal that comes before it listens', async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, [join(repository, 'dist/main.js')], {
      env: { PORT: '0', HOME: folder, DATA_DIR: join(folder, 'data'), SESSION_DIR: join(folder, 'sessions') },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await expect
      .poll(() => existsSync(join(folder, 'sessions')), { timeout: 10_000, interval: 1 })
      .toBe(true);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(journalOf(folder)).toBe('');
  });

  it('that fails behind the port leaves nothing that runs', async () => {
    const folder = temporaryFolder();
    // The first read of the shipped templates is the first step after the port was taken.
    const fault = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
      const read = fs.readFileSync;
      fs.readFileSync = (path, ...rest) => { if (String(path).includes('/assets/templates')) throw new Error('planted'); return read(path, ...rest); };
      syncBuiltinESMExports();`;
    await expect(startProcess(before(fault), folder)).rejects.toThrow(/could not start.*planted/s);
    const again = await startProcess({}, folder);
    expect((await again.api.get('/health')).status).toBe(200);
  });
});

describe('a fault that nobody caught', () => {
  it.each([
    ['an exception', 'throw new Error("planted")', 'an exception that nobody caught'],
    ['a rejection', 'Promise.reject(new Error("planted"))', 'a rejection that nobody handled'],
  ])('is logged, and the server goes on: %s', async (_, statement, said) => {
    const { child, api, output, stop } = await startProcess(
      before(`process.on('SIGUSR2', () => { ${statement} })`),
    );
    const projectId = await api.project();
    child.kill('SIGUSR2');
    await expect.poll(output, { timeout: 10_000 }).toContain(said);
    expect(output()).toContain('planted');
    expect((await api.get(`/api/projects/${projectId}`)).status).toBe(200);
    expect(await stop()).toBe(0);
  });
});

describe('a log that cannot be written', () => {
  it('ends nobody when the disk is full', async () => {
    const { api, stop, output } = await startProcess({ LOG_FILE: '/dev/full', DEBUG: 'true' });
    for (let count = 0; count < 50; count += 1) await api.get('/health');
    expect(await stop()).toBe(0);
    expect(output()).toContain('/health');
  });

  it('ends nobody when its reader has gone', async () => {
    const { child, api, stop } = await startProcess({ DEBUG: 'true' });
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (let count = 0; count < 50; count += 1) await api.get('/health');
    expect(await stop()).toBe(0);
  });

  it('holds up nobody when its reader does not read', async () => {
    const { child, api, stop } = await startProcess({ DEBUG: 'true', LOG_FORMAT: 'json' });
    child.stdout?.removeAllListeners('data').pause();
    // Far more lines than the system holds for the reader; each would be waited for.
    for (let count = 0; count < MANY; count += 1) await api.get('/health');
    expect(await stop()).toBe(0);
  });
});

describe('SIGHUP', () => {
  it('is a stop in order: exit code 0, an empty journal, 1001 for watchers', async () => {
    const { child, api, folder } = await startProcess();
    const watch = await Watch.open(api.url);
    await api.project();
    const ended = once(child, 'exit');
    child.kill('SIGHUP');
    // As from a terminal that sends it to the group and to the shell's jobs.
    child.kill('SIGHUP');
    expect(await ended).toEqual([0, null]);
    expect(journalOf(folder)).toBe('');
    await watch.until(() => watch.closeCode !== null);
    expect(watch.closeCode).toBe(1001);
  });

  it('is ignored by a server that nohup has started', async () => {
    const { child, api, stop } = await startProcess({ _: '/usr/bin/nohup' });
    child.kill('SIGHUP');
    for (let count = 0; count < 3; count += 1) await api.project();
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    expect(await stop()).toBe(0);
  });
});

describe('the token’s file', () => {
  it('is for its owner only, lists this server while it runs, and not after its stop', async () => {
    const folder = temporaryFolder();
    const [first, second] = [
      await startProcess({ MAESTRO_TOKEN: 'one' }, folder),
      await startProcess(
        { MAESTRO_TOKEN: 'two', DATA_DIR: join(folder, 'data2'), HOST: '127.0.0.1' },
        folder,
      ),
    ];
    expect(statSync(join(folder, '.maestro/token')).mode & 0o777).toBe(0o600);
    expect(entriesOf(folder).map(({ url, token }) => [url, token])).toEqual([
      [first.printedUrl, 'one'],
      [second.printedUrl, 'two'],
    ]);
    expect(await first.stop()).toBe(0);
    expect(entriesOf(folder).map(({ token }) => token)).toEqual(['two']);
    await second.kill();
    const third = await startProcess(
      { MAESTRO_TOKEN: 'three', PORT: new URL(second.api.url).port, HOST: '127.0.0.1' },
      folder,
    );
    expect(entriesOf(folder).map(({ url, token }) => [url, token])).toEqual([[third.printedUrl, 'three']]);
  });
});

const own = Object.values(networkInterfaces())
  .flat()
  .flatMap((each) => (each && !each.internal && each.family === 'IPv4' ? [each.address] : []))[0];

describe('the address', () => {
  it.each([
    ['', 'localhost', /http:\/\/127\.0\.0\.1:\d+ and http:\/\/\[::1\]:\d+/],
    ['localhost', 'localhost', /http:\/\/127\.0\.0\.1:\d+ and http:\/\/\[::1\]:\d+/],
    ['127.0.0.1', '127.0.0.1', /http:\/\/127\.0\.0\.1:\d+/],
    ['::1', '[::1]', /http:\/\/\[::1\]:\d+/],
    ['[::1]', '[::1]', /http:\/\/\[::1\]:\d+/],
    ['0.0.0.0', '127.0.0.1', /0\.0\.0\.0: all IPv4 addresses/],
    ['::', 'localhost', /\[::\]: all addresses/],
    ...(own === undefined ? [] : ([[own, own, new RegExp(own)]] as [string, string, RegExp][])),
  ])(
    'with HOST=%s is where it listens, in print, for sessions, in refusals and in the file',
    async (host, name, all) => {
      const { printedUrl, output, folder } = await startProcess({ HOST: host, MAESTRO_TOKEN: 'secret' });
      const { port } = new URL(printedUrl);
      const url = `http://${name}:${port}`;
      expect(printedUrl).toBe(url);
      expect(/listens on \S+ \((.*)\)/.exec(output())?.[1]).toMatch(all);
      expect(entriesOf(folder).map((entry) => entry.url)).toEqual([url]);
      const there = new Api(url, 'secret');
      expect((await there.get('/openapi.json')).body.servers).toEqual([{ url }]);
      // What follows it in a browser: a page of this origin.
      const asPage = { host: `${name}:${port}`, origin: url, authorization: 'Bearer secret' };
      const reached = name === '[::1]' ? 'http://[::1]' : `http://${name}`;
      expect((await fetch(`${reached}:${port}/health`, { headers: asPage })).status).toBe(200);
      if (name === '[::1]') return;
      const refused = await raw(`${reached}:${port}`, '/health', { headers: { host: 'evil.example' } });
      expect(refused.body.message).toContain(`use ${url}`);
    },
  );
});
