import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startServer } from '../support/server.ts';
import { cliIn, good, hanging, onlySession, startStage, withCli } from './spawning.ts';

const key = { 'Idempotency-Key': 'key-1' };

describe('a POST with an Idempotency-Key that is repeated', () => {
  it('gets the same answer, and does nothing the second time', async () => {
    const { api } = await startServer();
    const first = await api.post('/api/projects', { name: 'A' }, key);
    const { seq } = (await api.get('/health')).body;
    const again = await api.post('/api/projects', { name: 'A' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await api.get('/api/projects')).body).toHaveLength(1);
    expect((await api.get('/health')).body.seq).toBe(seq);
  });

  it('is 409 with another body, and a request of its own on another path or with another key', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    await api.post('/api/projects', { name: 'A' }, key);
    const other = await api.post('/api/projects', { name: 'B' }, key);
    expect([other.status, other.body.code]).toEqual([409, 'CONFLICT']);
    expect((await api.post('/api/tasks', { projectId, title: 'A' }, key)).status).toBe(201);
    expect((await api.post('/api/projects', { name: 'B' }, { 'Idempotency-Key': 'key-2' })).status).toBe(201);
  });

  it('is done once when several come at the same time', async () => {
    const { api } = await startServer();
    const id = await api.session(await api.project());
    const say = () => api.post(`/api/sessions/${id}/timeline`, { message: 'once' }, key);
    const answers = await Promise.all([say(), say(), say(), say(), say()]);
    for (const { status, body } of answers) expect([status, body.timeline.length]).toEqual([200, 2]);
    expect((await api.get(`/api/sessions/${id}`)).body.timeline).toHaveLength(2);
  });

  it('is known across a restart', async () => {
    const server = await startServer();
    const first = await server.api.post('/api/projects', { name: 'A' }, key);
    const { api } = await server.restart();
    expect((await api.post('/api/projects', { name: 'A' }, key)).body).toEqual(first.body);
    expect((await api.post('/api/projects', { name: 'B' }, key)).status).toBe(409);
  });

  it('gets a refusal again, though it would now be taken', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    const body = { id: 'mine', projectId, taskIds: [] };
    await api.session(projectId, [], { id: 'mine' });
    const refused = await api.post('/api/sessions', body, key);
    expect(refused.status).toBe(409);
    await api.delete('/api/sessions/mine');
    const again = await api.post('/api/sessions', body, key);
    expect([again.status, again.body]).toEqual([409, refused.body]);
  });

  it.each([
    ['events', { type: 'e' }],
    ['timeline', { message: 'm' }],
    ['tasks/task_1', {}],
    ['queue/start', {}],
  ])('is refused with the code of its path, first and again (%s)', async (below, body) => {
    const { api } = await startServer();
    const post = () => api.post(`/api/sessions/sess_none/${below}`, body, key);
    for (const answer of [await post(), await post()])
      expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('shows a whole session as it is now, or that it is gone', async () => {
    const { api } = await startServer();
    const body = { projectId: await api.project(), taskIds: [] };
    const { id } = (await api.post('/api/sessions', body, key)).body;
    await api.patch(`/api/sessions/${id}`, { name: 'Changed' });
    const again = await api.post('/api/sessions', body, key);
    expect([again.status, again.body]).toEqual([201, (await api.get(`/api/sessions/${id}`)).body]);
    await api.delete(`/api/sessions/${id}`);
    expect((await api.post('/api/sessions', body, key)).body.code).toBe('SESSION_NOT_FOUND');
  });

  it.each([
    ['start', {}],
    ['push', { taskId: 'task_none' }],
  ])('moves a queue once (%s)', async (name, body) => {
    const { api } = await startServer();
    const projectId = await api.project();
    const id = await api.session(projectId, [await api.task(projectId)], { strategy: 'queue' });
    const move = () => api.post(`/api/sessions/${id}/queue/${name}`, body, key);
    const first = await move();
    expect(await move()).toMatchObject({ status: first.status, body: first.body });
  });

  it("writes a task's timeline once", async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    const [taskId, sessionId] = [await api.task(projectId), await api.session(projectId)];
    const say = () => api.post(`/api/tasks/${taskId}/timeline`, { sessionId, message: 'm' }, key);
    expect((await say()).body).toEqual((await say()).body);
    expect((await api.get(`/api/sessions/${sessionId}`)).body.timeline).toHaveLength(2);
  });
});

describe('an Idempotency-Key', () => {
  it('has 1 to 255 characters, else 400', async () => {
    const { api } = await startServer();
    const post = async (text: string) =>
      (await api.post('/api/projects', { name: 'A' }, { 'Idempotency-Key': text })).body;
    for (const text of ['', 'x'.repeat(256)])
      expect(await post(text)).toMatchObject({
        statusCode: 400,
        details: { 'Idempotency-Key': expect.any(String) },
      });
    expect((await post('x'.repeat(255))).name).toBe('A');
    expect((await post('x')).name).toBe('A');
  });
});

describe('a spawn that is repeated', () => {
  it('is one session, also when both wait for the same manifest', async () => {
    const stage = await startStage();
    const answers = await Promise.all([stage.spawn({}, key), stage.spawn({}, key)]);
    answers.push(await stage.spawn({}, key));
    const { id } = await onlySession(stage);
    for (const { status, body } of answers) expect([status, body.sessionId]).toEqual([201, id]);
  });

  it('is tried again when its manifest failed: answers of 500 are not kept', async () => {
    const folder = temporaryFolder();
    const stage = await startStage(withCli(cliIn(folder, 'exit 1')), folder);
    expect((await stage.spawn({}, key)).status).toBe(500);
    cliIn(folder, good);
    expect((await stage.spawn({}, key)).status).toBe(201);
    expect((await onlySession(stage)).status).toBe('spawning');
  });

  it('after the server stopped meanwhile waits for the session that goes on, and makes no other', async () => {
    const folder = temporaryFolder();
    const stage = await startStage(withCli(cliIn(folder, hanging)), folder);
    const spawned = stage.spawn({}, key);
    await expect.poll(async () => (await stage.api.get('/api/sessions')).body.length).toBe(1);
    const { id } = await onlySession(stage);
    await expect.poll(() => existsSync(join(folder, 'sessions', id, 'pid'))).toBe(true);
    const restarted = stage.restart({ MANIFEST_GENERATOR: 'server' });
    expect((await spawned).status).toBe(503);
    const { api } = await restarted;
    const again = await api.post(
      '/api/sessions/spawn',
      { projectId: stage.projectId, taskIds: [stage.taskId] },
      key,
    );
    expect([again.status, again.body.sessionId]).toEqual([201, id]);
    expect((await onlySession({ api })).id).toBe(id);
  });

  it('is respawned once', async () => {
    const stage = await startStage();
    const path = `/api/sessions/${(await stage.spawn()).body.sessionId}`;
    await stage.api.patch(path, { status: 'failed' });
    const respawn = () => stage.api.post(`${path}/respawn`, {}, key);
    expect([(await respawn()).status, (await respawn()).status]).toEqual([201, 201]);
    const { timeline } = (await stage.api.get(path)).body;
    expect(timeline.filter(({ message }: { message: string }) => /again/.test(message))).toHaveLength(1);
  });

  it('is claimed once: the claim is answered again though the agent is at work by now', async () => {
    const stage = await startStage();
    const path = `/api/sessions/${(await stage.spawn()).body.sessionId}`;
    const claim = () => stage.api.post(`${path}/claim`, { host: 'a' }, key);
    const first = await claim();
    expect([first.status, first.body.manifest.role]).toEqual([200, 'worker']);
    await stage.api.patch(path, { status: 'working' });
    const again = await claim();
    expect([again.status, again.body.envVars]).toEqual([200, first.body.envVars]);
  });
});
