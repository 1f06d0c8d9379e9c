import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newKey, stage } from './support/stage.ts';
import { spawning } from './support/spawning.ts';

describe('a POST with an Idempotency-Key that is repeated', () => {
  it('is 409 with another body, and a request of its own on another path or with another key', async () => {
    const key = newKey();
    const { api } = stage();
    const projectId = await api.project();
    await api.post('/api/projects', { name: 'A' }, key);
    const other = await api.post('/api/projects', { name: 'B' }, key);
    expect([other.status, other.body.code]).toEqual([409, 'CONFLICT']);
    expect((await api.post('/api/tasks', { projectId, title: 'A' }, key)).status).toBe(201);
    expect((await api.post('/api/projects', { name: 'B' }, newKey())).status).toBe(201);
  });

  it('is done once when several come at the same time', async () => {
    const key = newKey();
    const { api } = stage();
    const id = await api.session(await api.project());
    const say = () => api.post(`/api/sessions/${id}/timeline`, { message: 'once' }, key);
    const answers = await Promise.all([say(), say(), say(), say(), say()]);
    for (const { status, body } of answers) expect([status, body.timeline.length]).toEqual([200, 2]);
    expect((await api.get(`/api/sessions/${id}`)).body.timeline).toHaveLength(2);
  });

  it('gets a refusal again, though it would now be taken', async () => {
    const key = newKey();
    const { api } = stage();
    const projectId = await api.project();
    const body = { id: `mine-${randomUUID()}`, projectId, taskIds: [] };
    await api.session(projectId, [], { id: body.id });
    const refused = await api.post('/api/sessions', body, key);
    expect(refused.status).toBe(409);
    await api.delete(`/api/sessions/${body.id}`);
    const again = await api.post('/api/sessions', body, key);
    expect([again.status, again.body]).toEqual([409, refused.body]);
  });

  it.each([
    ['events', { type: 'e' }],
    ['timeline', { message: 'm' }],
    ['tasks/task_1', {}],
    ['queue/start', {}],
  ])('is refused with the code of its path, first and again (%s)', async (below, body) => {
    const key = newKey();
    const { api } = stage();
    const post = () => api.post(`/api/sessions/sess_none/${below}`, body, key);
    for (const answer of [await post(), await post()])
      expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('shows a whole session as it is now, or that it is gone', async () => {
    const key = newKey();
    const { api } = stage();
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
    const key = newKey();
    const { api } = stage();
    const projectId = await api.project();
    const id = await api.session(projectId, [await api.task(projectId)], { strategy: 'queue' });
    const move = () => api.post(`/api/sessions/${id}/queue/${name}`, body, key);
    const first = await move();
    expect(await move()).toMatchObject({ status: first.status, body: first.body });
  });

  it("writes a task's timeline once", async () => {
    const key = newKey();
    const { api } = stage();
    const projectId = await api.project();
    const [taskId, sessionId] = [await api.task(projectId), await api.session(projectId)];
    const say = () => api.post(`/api/tasks/${taskId}/timeline`, { sessionId, message: 'm' }, key);
    expect((await say()).body).toEqual((await say()).body);
    expect((await api.get(`/api/sessions/${sessionId}`)).body.timeline).toHaveLength(2);
  });
});

describe('an Idempotency-Key', () => {
  it('has 1 to 255 characters, else 400', async () => {
    const { api } = stage();
    const post = async (text: string) =>
      (await api.post('/api/projects', { name: 'A' }, { 'Idempotency-Key': text })).body;
    const longest = newKey()['Idempotency-Key'].padEnd(255, 'x');
    for (const text of ['', `${longest}x`])
      expect(await post(text)).toMatchObject({
        statusCode: 400,
        details: { 'Idempotency-Key': expect.any(String) },
      });
    expect((await post(longest)).name).toBe('A');
    expect((await post('x')).name).toBe('A');
  });
});

describe('a spawn that is repeated', () => {
  it('is respawned once', async () => {
    const key = newKey();
    const own = await spawning();
    const path = `/api/sessions/${(await own.spawn()).body.sessionId}`;
    await own.api.patch(path, { status: 'failed' });
    const respawn = () => own.api.post(`${path}/respawn`, {}, key);
    expect([(await respawn()).status, (await respawn()).status]).toEqual([201, 201]);
    const { timeline } = (await own.api.get(path)).body;
    expect(timeline.filter(({ message }: { message: string }) => /again/.test(message))).toHaveLength(1);
  });

  it('is claimed once: the claim is answered again though the agent is at work by now', async () => {
    const key = newKey();
    const own = await spawning();
    const path = `/api/sessions/${(await own.spawn()).body.sessionId}`;
    const claim = () => own.api.post(`${path}/claim`, { host: 'a' }, key);
    const first = await claim();
    expect([first.status, first.body.manifest.role]).toEqual([200, 'worker']);
    await own.api.patch(path, { status: 'working' });
    const again = await claim();
    expect([again.status, again.body.envVars]).toEqual([200, first.body.envVars]);
  });
});
