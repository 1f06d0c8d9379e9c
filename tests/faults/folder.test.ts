// The built server on a folder whose file system lacks something, or that is full: it works, or says what is missing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canMount, smallDisk } from '../storage/small-disk.ts';
import { temporaryFolder } from '../support/folder.ts';
import { repository, spawnServer, startProcess } from '../support/server.ts';
import { canTrace } from './failing.ts';

/** Starts the server under strace, which makes a system call fail, until it listens or ends. @returns what it printed. */
async function startFailing(call: string, error: string): Promise<{ output: string; folder: string }> {
  const folder = temporaryFolder();
  const traced = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:error=${error}`,
  ];
  const child = spawn('strace', [...traced, process.execPath, join(repository, 'dist/main.js')], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, PORT: '0', MANIFEST_GENERATOR: 'server' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
  };
  onTestFinished(end);
  let output = '';
  const exited = once(child, 'exit');
  const isKnown = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output += data.toString('utf8');
        if (output.includes('listens on')) resolve();
      });
  });
  await Promise.race([isKnown, exited]);
  end();
  await exited;
  return { output, folder };
}

describe.runIf(canTrace())('a file system', () => {
  it.each([
    ['link', 'EPERM', 'hard links'],
    ['bind', 'EPERM', 'sockets'],
  ])(
    'without what the lock needs (%s: %s) is refused, naming DATA_DIR and what is missing',
    async (call, error, lacks) => {
      const { output, folder } = await startFailing(call, error);
      expect(output).toContain('CONFIG_ERROR');
      expect(output).toContain(`DATA_DIR is "${join(folder, '.maestro/data')}"`);
      expect(output).toContain(`no ${lacks} (${error})`);
    },
  );

  it('that does not sync folders is taken', async () => {
    expect((await startFailing('fsync', 'EINVAL')).output).toContain('listens on');
  });
});

describe.runIf(canMount())('a full disk', () => {
  it('lets the server start, which serves reads, and takes changes when there is room again', async () => {
    const disk = smallDisk(4);
    const home = temporaryFolder();
    const first = await spawnServer({ DATA_DIR: disk.folder }, home);
    const projectId = await first.api.project();
    await first.stop();
    disk.fill(0);
    const { api } = await startProcess({ DATA_DIR: disk.folder }, home);
    expect((await api.get(`/api/projects/${projectId}`)).status).toBe(200);
    expect((await api.get('/health')).body).toMatchObject({ status: 'degraded' });
    expect((await api.post('/api/projects', { name: 'P' })).status).toBe(503);
    disk.free();
    await expect
      .poll(async () => (await api.post('/api/projects', { name: 'P' })).status, { timeout: 20_000 })
      .toBe(201);
  });
});
