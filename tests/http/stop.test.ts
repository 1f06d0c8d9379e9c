// The built server as a process: its start, its stop, its end by force.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startProcess } from '../support/server.ts';
import { Watch } from '../support/watch.ts';
import { cliIn, hanging, lives, onlySession, pidOf, withCli } from './spawning.ts';

const read = (...path: string[]): any => JSON.parse(readFileSync(join(...path), 'utf8'));

/** What a server that did not start had to say. */
const refusal = async (environment: Record<string, string>, folder?: string): Promise<string> =>
  startProcess(environment, folder).then(
    () => 'it started',
    (error: unknown) => String(error),
  );

describe('a stop by SIGTERM', () => {
  it('exits with 0, with everything in files, an empty journal and 1001 for watchers', async () => {
    const server = await startProcess();
    const { api, folder } = server;
    const watch = await Watch.open(api.url);
    const projectId = await api.project();
    const taskId = await api.task(projectId);
    const id = await api.session(projectId, [taskId], { strategy: 'queue' });
    await api.post(`/api/sessions/${id}/queue/start`);
    const [session, task] = [await api.get(`/api/sessions/${id}`), await api.get(`/api/tasks/${taskId}`)];
    const began = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    const data = join(folder, 'data');
    expect(read(data, 'projects', `${projectId}.json`).id).toBe(projectId);
    expect(read(data, 'tasks', projectId, `${taskId}.json`)).toEqual(task.body);
    expect(read(data, 'sessions', `${id}.json`)).toMatchObject(session.body);
    expect(read(data, 'queues', `${id}.json`).items[0].status).toBe('processing');
    for (const name of readdirSync(join(data, 'journal')))
      expect(readFileSync(join(data, 'journal', name), 'utf8')).toBe('');
    await watch.until(() => watch.closeCode !== null);
    expect(watch.closeCode).toBe(1001);
  });

  it('ends the CLI that makes a manifest, and answers the request that waits for it with 503', async () => {
    const folder = temporaryFolder();
    const server = await startProcess(withCli(cliIn(folder, hanging)), folder);
    const { api } = server;
    const projectId = await api.project();
    const spawned = api.post('/api/sessions/spawn', { projectId, taskIds: [await api.task(projectId)] });
    await expect.poll(async () => (await api.get('/api/sessions')).body.length).toBe(1);
    const { id } = await onlySession(server);
    await expect.poll(() => existsSync(join(folder, 'sessions', id, 'pid'))).toBe(true);
    const pid = pidOf(folder, id);
    expect(await server.stop()).toBe(0);
    expect([(await spawned).status, lives(pid)]).toEqual([503, false]);
    const again = await startProcess({}, folder);
    await expect.poll(async () => (await onlySession(again)).manifestPath).toBeTruthy();
    expect((await onlySession(again)).status).toBe('spawning');
  });
});

describe('a server that cannot start', () => {
  it('says who holds the data, and exits with 1', async () => {
    const first = await startProcess();
    const said = await refusal({}, first.folder);
    expect(said).toMatch(/could not start/);
    expect(said).toContain(String(first.child.pid));
    expect((await first.api.get('/health')).status).toBe(200);
  });

  it('names every variable that is wrong, what it was and what it may be, at once', async () => {
    const said = await refusal({ PORT: 'many', MANIFEST_GENERATOR: 'magic', LOG_LEVEL: 'loud' });
    expect(said).toMatch(/CONFIG_ERROR/);
    for (const part of [
      'PORT is "many"',
      'MANIFEST_GENERATOR is "magic"',
      'cli or server',
      'LOG_LEVEL is "loud"',
    ])
      expect(said).toContain(part);
  });

  it('refuses to be reached from elsewhere without a token, and a database that it does not have', async () => {
    const said = await refusal({ HOST: '0.0.0.0', DATABASE_TYPE: 'postgres' });
    expect(said).toMatch(/MAESTRO_TOKEN/);
    expect(said).toMatch(/DATABASE_TYPE is "postgres"/);
  });

  it('says that the port is taken, and lets the data go', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const folder = temporaryFolder();
    expect(await refusal({ PORT: String(port) }, folder)).toContain(`port ${port} on 127.0.0.1 is taken`);
    holder.close();
    await once(holder, 'close');
    const { api } = await startProcess({ PORT: String(port) }, folder);
    expect(new URL(api.url).port).toBe(String(port));
  });

  it('exits with a code that is not 0', async () => {
    const first = await startProcess();
    const second = spawn(process.execPath, ['dist/main.js'], {
      env: { ...process.env, PORT: '0', DATA_DIR: join(first.folder, 'data') },
      stdio: 'ignore',
    });
    expect((await once(second, 'exit'))[0]).toBe(1);
  });
});

describe('a server that is killed under load', () => {
  it('goes on with a spawn whose manifest was being made, and knows the key of its request', async () => {
    const folder = temporaryFolder();
    const server = await startProcess(withCli(cliIn(folder, hanging)), folder);
    const projectId = await server.api.project();
    const body = { projectId, taskIds: [await server.api.task(projectId)] };
    const key = { 'Idempotency-Key': 'k' };
    const lost = server.api.post('/api/sessions/spawn', body, key).catch(() => 'lost');
    await expect.poll(async () => (await server.api.get('/api/sessions')).body.length).toBe(1);
    const { id } = await onlySession(server);
    await expect.poll(() => existsSync(join(folder, 'sessions', id, 'pid'))).toBe(true);
    pidOf(folder, id);
    await server.kill();
    expect(await lost).toBe('lost');
    const { api } = await startProcess({}, folder);
    const again = await api.post('/api/sessions/spawn', body, key);
    expect([again.status, again.body.sessionId]).toEqual([201, id]);
    const watch = await Watch.open(api.url, '?since=0');
    expect((await watch.fact('session:spawn')).data.session.id).toBe(id);
    expect((await onlySession({ api })).id).toBe(id);
  });
});
