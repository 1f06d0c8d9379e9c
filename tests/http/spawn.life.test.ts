// What happens to a spawn through a restart, past its deadline and after a failed manifest; all else: tests/contract/spawn.life.
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { Watch } from '../support/watch.ts';
import { cliIn, good, startStage, withCli } from './spawning.ts';

async function startSpawned(environment: Record<string, string> = {}, more = {}) {
  const stage = await startStage(environment);
  const { body } = await stage.spawn(more);
  const id: string = body.sessionId;
  const path = `/api/sessions/${id}`;
  const claim = (host: unknown) => stage.api.post(`${path}/claim`, { host });
  return { ...stage, id, path, claim, manifestPath: body.manifestPath as string };
}

/** Its agent has not spoken within the deadline. */
async function startOverdue(more = {}) {
  const stage = await startSpawned({ SPAWN_DEADLINE_MS: '30' }, more);
  await expect.poll(async () => (await stage.api.get(stage.path)).body.overdue).toBe(true);
  return stage;
}

describe('a claim', () => {
  it('outlives a restart', async () => {
    const { claim, restart, path } = await startSpawned();
    await claim('a');
    const { api } = await restart();
    expect((await api.post(`${path}/claim`, { host: 'b' })).status).toBe(409);
    expect((await api.post(`${path}/claim`, { host: 'a' })).status).toBe(200);
  });
});

describe('an overdue spawn', () => {
  it('says so in its view, with an error entry, and in session:updated', async () => {
    const { api, path } = await startOverdue();
    const { body } = await api.get(path);
    expect(body).toMatchObject({ status: 'spawning', overdue: true });
    expect(body.timeline.at(-1)).toMatchObject({ type: 'error', message: expect.any(String) });
    const watch = await Watch.open(api.url, '?since=2&view=changes');
    const { data } = await watch.fact('session:updated', (heard) => heard.data.changes.overdue === true);
    expect(data.appended.timeline).toEqual([body.timeline.at(-1)]);
  });

  it.each<[string, string, string, object]>([
    ['a PATCH', 'PATCH', '', { name: 'N' }],
    ['the same status again', 'PATCH', '', { status: 'spawning' }],
    ['another status', 'PATCH', '', { status: 'working' }],
    ['an entry', 'POST', '/timeline', { message: 'm' }],
    ['an event', 'POST', '/events', { type: 'e' }],
    ['a queue move', 'POST', '/queue/skip', {}],
  ])('is ended by %s', async (_word, method, below, body) => {
    const { api, path } = await startOverdue({ strategy: 'queue' });
    expect((await api.send(method, path + below, body)).status).toBe(200);
    expect((await api.get(path)).body).not.toHaveProperty('overdue');
    expect((await api.post(`${path}/respawn`)).status).toBe(422);
  });

  it('never comes about once the agent has said a word', async () => {
    const { api, path } = await startSpawned({ SPAWN_DEADLINE_MS: '150' });
    await api.patch(path, { status: 'spawning' });
    // Another spawn, ordered later, becomes overdue: this one would have been first.
    const { taskIds, projectId } = (await api.get(path)).body;
    const { body } = await api.post('/api/sessions/spawn', { projectId, taskIds });
    await expect.poll(async () => (await api.get(`/api/sessions/${body.sessionId}`)).body.overdue).toBe(true);
    expect((await api.get(path)).body).not.toHaveProperty('overdue');
  });

  it('becomes so after a restart too', async () => {
    const { restart, path } = await startSpawned({ SPAWN_DEADLINE_MS: '200' });
    const { api } = await restart();
    await expect.poll(async () => (await api.get(path)).body.overdue).toBe(true);
  });

  it('can be claimed', async () => {
    const { claim } = await startOverdue();
    expect((await claim('a')).status).toBe(200);
  });
});

describe('a respawn', () => {
  it('is taken from an overdue spawn, which is overdue no more, and clears the claim', async () => {
    const { api, path, claim } = await startOverdue();
    await claim('a');
    const { status, body } = await api.post(`${path}/respawn`);
    expect(status).toBe(201);
    expect(body.session).not.toHaveProperty('overdue');
    expect((await claim('b')).status).toBe(200);
  });

  it('of a failed spawn tries the manifest again', async () => {
    const folder = temporaryFolder();
    const { api, spawn } = await startStage(withCli(cliIn(folder, 'exit 1')), folder);
    const { body } = await spawn();
    const path = `/api/sessions/${body.details.sessionId}/respawn`;
    expect((await api.post(path)).body.code).toBe('manifest_generation_failed');
    cliIn(folder, good);
    expect((await api.post(path)).status).toBe(201);
  });
});
