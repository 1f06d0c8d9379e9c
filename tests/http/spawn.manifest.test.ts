// Manifests that cannot be made, and sessions that go their own way meanwhile.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { Watch } from '../support/watch.ts';
import {
  cliIn,
  good,
  hanging,
  lives,
  manifestOf,
  onlySession,
  pidOf,
  startStage,
  withCli,
} from './spawning.ts';

/** A CLI that hangs where it runs, and tells by its file `pid` that it does. */
async function startHanging(more = {}) {
  const folder = temporaryFolder();
  const stage = await startStage(withCli(cliIn(folder, hanging), more), folder);
  const spawned = stage.spawn();
  await expect.poll(async () => (await stage.api.get('/api/sessions')).body.length).toBe(1);
  const { id } = await onlySession(stage);
  await expect.poll(() => existsSync(join(folder, 'sessions', id, 'pid'))).toBe(true);
  return { ...stage, spawned, id, pid: pidOf(folder, id) };
}

describe('a manifest made by the CLI', () => {
  it('is checked, completed and announced', async () => {
    const folder = temporaryFolder();
    const { spawn } = await startStage(withCli(cliIn(folder, `echo "$@" > args\n${good}`)), folder);
    const { status, body } = await spawn({ model: 'opus' });
    expect(status).toBe(201);
    expect(manifestOf(body.manifestPath)).toMatchObject({
      manifestVersion: '1.0',
      session: { model: 'opus' },
      templateId: expect.stringMatching(/^tmpl_/),
    });
  });

  const faults: [string, string | null, RegExp][] = [
    ['the CLI is not there', null, /^Failed to generate manifest: maestro CLI not found\. .*npm install/],
    ['the CLI fails', 'echo oh no >&2; exit 3', /^Failed to generate manifest: .*code 3.*oh no/s],
    ['the CLI hangs', 'exec sleep 60', /^Failed to generate manifest: .*300 ms/],
    ['it is no JSON', 'echo rubbish > "$manifest"', /^Failed to generate manifest: .*not JSON/],
    [
      'it lacks a field',
      'echo "{}" > "$manifest"',
      /^Failed to generate manifest: .*manifestVersion is missing/,
    ],
    ['it is not written', 'exit 0', /^Failed to generate manifest: .*no manifest/],
  ];
  it.each(faults)('fails its session and the spawn when %s', async (_fault, script, message) => {
    const folder = temporaryFolder();
    const cli = script === null ? join(folder, 'nowhere') : cliIn(folder, script);
    const stage = await startStage(withCli(cli, { MANIFEST_TIMEOUT_MS: '300' }), folder);
    const watch = await Watch.open(stage.api.url);
    const { status, body } = await stage.spawn();
    expect(status).toBe(500);
    expect(body).toMatchObject({
      code: 'manifest_generation_failed',
      message: expect.stringMatching(message),
    });
    const session = await onlySession(stage);
    expect(session).toMatchObject({ status: 'failed', completedAt: session.lastActivity });
    expect(session.timeline.map(({ type }: { type: string }) => type)).toEqual([
      'session_started',
      'error',
      'session_stopped',
    ]);
    expect(body.message).toBe(`Failed to generate manifest: ${session.timeline[1].message}`);
    await watch.fact('task:session_added');
    expect(watch.types).toContain('session:updated');
    expect(watch.types).not.toContain('session:spawn');
  });
});

describe('an equal spawn', () => {
  it('takes up the session whose manifest failed a moment ago, and makes no new one', async () => {
    const folder = temporaryFolder();
    const stage = await startStage(withCli(cliIn(folder, 'exit 1')), folder);
    const equal = { skills: ['a'], role: 'orchestrator' };
    expect((await stage.spawn(equal)).status).toBe(500);
    expect((await stage.spawn(equal)).status).toBe(500);
    const { id } = await onlySession(stage);

    cliIn(folder, good);
    const watch = await Watch.open(stage.api.url);
    const { status, body } = await stage.spawn(equal);
    expect([status, body.sessionId]).toEqual([201, id]);
    expect(body.session).toMatchObject({ status: 'spawning', completedAt: null });
    expect((await watch.fact('session:spawn')).data.session.id).toBe(id);
    expect((await onlySession(stage)).timeline.at(-1).message).toMatch(/attempt 3/);
    // This one awaits its agent: an equal order is a new session.
    expect((await stage.spawn(equal)).body.sessionId).not.toBe(id);
  });

  it('differs by parent, tasks, role, strategy, name or skills', async () => {
    const folder = temporaryFolder();
    const stage = await startStage(withCli(cliIn(folder, 'exit 1')), folder);
    const { api, projectId, taskId, spawn } = stage;
    const other = await api.task(projectId);
    const parent = await api.session(projectId);
    const orders = [
      {},
      { sessionId: parent },
      { taskIds: [taskId, other] },
      { role: 'orchestrator' },
      { strategy: 'tree' },
      { sessionName: 'N' },
      { skills: ['a'] },
    ];
    for (const order of orders) await spawn(order);
    expect((await api.get('/api/sessions?status=failed')).body).toHaveLength(orders.length);
    await spawn({ model: 'opus', context: { any: 1 } });
    expect((await api.get('/api/sessions?status=failed')).body).toHaveLength(orders.length);
  });
});

describe('a session whose manifest is being made', () => {
  it('ends its CLI and fails the spawn with spawn_error when it is deleted', async () => {
    const { api, folder, id, pid, spawned } = await startHanging();
    expect((await api.delete(`/api/sessions/${id}`)).status).toBe(200);
    const { status, body } = await spawned;
    expect([status, body.code]).toEqual([500, 'spawn_error']);
    await expect.poll(() => lives(pid)).toBe(false);
    expect(existsSync(join(folder, 'sessions', id))).toBe(false);
  });

  it.each(['working', 'idle', 'stopped'])(
    'does so when it is moved to %s, and stays there',
    async (status) => {
      const { api, id, pid, spawned } = await startHanging();
      const watch = await Watch.open(api.url);
      expect((await api.patch(`/api/sessions/${id}`, { status })).body.status).toBe(status);
      const answer = await spawned;
      expect([answer.status, answer.body.code]).toEqual([500, 'spawn_error']);
      await expect.poll(() => lives(pid)).toBe(false);
      expect((await api.get(`/api/sessions/${id}`)).body.status).toBe(status);
      await watch.fact('task:session_added');
      expect((await watch.fact('session:updated')).data).toMatchObject({ id, status });
    },
  );

  it('goes on being made when something is said or changed meanwhile, and cannot be claimed yet', async () => {
    const { api, folder, id, pid } = await startHanging();
    await api.patch(`/api/sessions/${id}`, { name: 'N' });
    await api.post(`/api/sessions/${id}/timeline`, { message: 'm' });
    expect((await api.post(`/api/sessions/${id}/claim`, { host: 'h' })).status).toBe(409);
    expect((await api.post(`/api/sessions/${id}/respawn`)).status).toBe(422);
    expect([lives(pid), existsSync(join(folder, 'sessions', id, 'manifest.json'))]).toEqual([true, false]);
  });

  it('gets 503 for its request when the server stops, and is announced after the next start', async () => {
    const { restart, folder, id, pid, spawned } = await startHanging();
    const restarted = restart({ MANIFEST_GENERATOR: 'server' });
    const { status, body } = await spawned;
    expect([status, body.code]).toEqual([503, 'STORAGE_UNAVAILABLE']);
    const server = await restarted;
    expect(lives(pid)).toBe(false);
    const { api } = server;
    await expect.poll(() => existsSync(join(folder, 'sessions', id, 'manifest.json'))).toBe(true);
    const session = await onlySession(server);
    expect(session).toMatchObject({ id, status: 'spawning' });
    await expect.poll(async () => (await api.get(`/api/sessions/${id}`)).body.manifestPath).toBeTruthy();
    expect((await onlySession(server)).env.MAESTRO_SESSION_ID).toBe(id);
    const watch = await Watch.open(api.url, '?since=2');
    expect((await watch.fact('session:spawn')).data.session.id).toBe(id);
  });
});
