// What a connection hears, and in which form.
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Api } from '../support/api.ts';
import { startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';
import { startStage } from './spawning.ts';

/** Makes every fact of the core and of queues happen. */
async function everything(api: Api): Promise<void> {
  const projectId = await api.project();
  await api.put(`/api/projects/${projectId}`, { name: 'B' });
  const [one, two] = [await api.task(projectId), await api.task(projectId)];
  await api.patch(`/api/tasks/${one}`, { title: 'B' });
  const plain = await api.session(projectId, [one]);
  await api.delete(`/api/sessions/${plain}/tasks/${one}`);
  const { body } = await api.post('/api/sessions/spawn', { projectId, taskIds: [one], strategy: 'queue' });
  const queue = `/api/sessions/${body.sessionId}/queue`;
  await api.post(`${queue}/push`, { taskId: two });
  await api.post(`${queue}/start`);
  await api.post(`${queue}/complete`);
  await api.post(`${queue}/skip`);
  await api.post(`${queue}/push`, { taskId: await api.task(projectId) });
  await api.post(`${queue}/start`);
  await api.post(`${queue}/fail`);
  for (const { id } of (await api.get('/api/sessions')).body) await api.delete(`/api/sessions/${id}`);
  for (const { id } of (await api.get('/api/tasks')).body) await api.delete(`/api/tasks/${id}`);
  await api.delete(`/api/projects/${projectId}`);
}

const core = [
  ...['project:created', 'project:updated', 'project:deleted'],
  ...['task:created', 'task:updated', 'task:deleted', 'task:session_added', 'task:session_removed'],
  ...['session:created', 'session:updated', 'session:deleted', 'session:task_added', 'session:task_removed'],
  'session:spawn',
];
const queueFacts = [
  ...['queue:created', 'queue:updated', 'queue:item_started', 'queue:item_completed'],
  ...['queue:item_failed', 'queue:item_skipped', 'queue:item_pushed'],
];

describe('a connection', () => {
  it('hears exactly the 14 facts when it asks for nothing, at / and at /ws', async () => {
    const { api } = await startServer();
    const watch = await Watch.open(api.url);
    const root = new WebSocket(`${api.url.replace('http', 'ws')}/`);
    await once(root, 'open');
    const heardAtRoot: unknown[] = [];
    root.on('message', (data: Buffer) => heardAtRoot.push(JSON.parse(data.toString('utf8'))));
    await everything(api);
    await watch.fact('project:deleted');
    expect([...new Set(watch.types)].sort()).toEqual([...core].sort());
    await expect.poll(() => heardAtRoot.length).toBe(watch.heard.length);
    expect(heardAtRoot).toEqual(watch.heard);
    root.terminate();
  });

  it.each([
    ['queue', queueFacts],
    ['queue,template', queueFacts],
    ['all', queueFacts],
    ['template', []],
    ['nonsense', []],
  ])('with topics=%s hears more', async (topics, more) => {
    const { api } = await startServer();
    const watch = await Watch.open(api.url, `?topics=${topics}`);
    await everything(api);
    await watch.fact('project:deleted');
    expect([...new Set(watch.types)].sort()).toEqual([...core, ...more].sort());
  });

  it('hears each fact in its envelope, numbered one by one over all kinds, on through a restart', async () => {
    const server = await startServer();
    const { api } = server;
    const watch = await Watch.open(api.url, '?topics=all');
    const { seq } = (await api.get('/health')).body;
    await everything(api);
    await watch.fact('project:deleted');
    for (const [index, heard] of watch.heard.entries()) expect(heard.seq - index - 1).toBe(seq);
    for (const heard of watch.heard) {
      expect(Object.keys(heard)).toEqual(['type', 'event', 'data', 'timestamp', 'seq']);
      expect(heard.event).toBe(heard.type);
      expect(Math.abs(Date.now() - heard.timestamp)).toBeLessThan(60_000);
    }
    const last = watch.heard.at(-1)?.seq ?? 0;
    const again = await server.restart();
    const next = await Watch.open(again.api.url);
    await again.api.project();
    expect((await next.fact('project:created')).seq).toBe(last + 1);
  });

  it('sees gaps where a fact was not its own', async () => {
    const { api } = await startServer();
    const watch = await Watch.open(api.url);
    const projectId = await api.project();
    await api.session(projectId, [], { strategy: 'queue' });
    await api.project();
    await watch.until(() => watch.heard.length === 3);
    expect(watch.types).toEqual(['project:created', 'session:created', 'project:created']);
    const [first, , last] = watch.heard.map(({ seq }) => seq);
    expect(last).toBe((first ?? 0) + 3);
  });

  it('with projectId hears of that project alone, queues included', async () => {
    const { api } = await startServer();
    const mine = await api.project();
    const watch = await Watch.open(api.url, `?topics=all&projectId=${mine}`);
    await everything(api);
    const task = await api.task(mine);
    const { body } = await api.post('/api/sessions/spawn', {
      projectId: mine,
      taskIds: [task],
      strategy: 'queue',
    });
    await api.post(`/api/sessions/${body.sessionId}/queue/start`);
    await watch.fact('queue:updated');
    expect(watch.types).toEqual([
      'task:created',
      'session:spawn',
      'queue:created',
      'session:task_added',
      'task:session_added',
      'task:updated',
      'queue:item_started',
      'task:updated',
      'session:updated',
      'queue:updated',
    ]);
    const replay = await Watch.open(api.url, `?topics=all&projectId=${mine}&since=0`);
    await replay.fact('queue:updated');
    expect(replay.types).toEqual(['project:created', ...watch.types]);
  });
});

describe('view=changes', () => {
  it('makes session:updated small: what changed, null for what went, and what was appended', async () => {
    const { api } = await startServer();
    const id = await api.session(await api.project(), [], { status: 'working', env: { A: '1' } });
    const path = `/api/sessions/${id}`;
    const watch = await Watch.open(api.url, '?view=changes');
    await api.patch(path, { env: { B: '2' } });
    await api.post(`${path}/timeline`, { type: 'needs_input', message: 'Which?' });
    await api.post(`${path}/events`, { type: 'e' });
    await api.patch(path, { status: 'completed' });
    await watch.until(() => watch.heard.length === 4);
    const { body } = await api.get(path);
    const [fields, asked, event, ended] = watch.heard.map(({ data }) => data);
    expect(fields).toEqual({
      id,
      changes: {
        env: { A: '1', B: '2' },
        ...(fields.changes.lastActivity && { lastActivity: expect.any(Number) }),
      },
    });
    expect(asked.changes.needsInput).toMatchObject({ active: true, message: 'Which?' });
    expect(asked.appended).toEqual({ timeline: [body.timeline[1]] });
    expect(event.appended).toEqual({ events: body.events });
    expect(ended).toMatchObject({
      changes: { status: 'completed', completedAt: body.completedAt, needsInput: { active: false } },
      appended: { timeline: [body.timeline[2]] },
    });
  });

  it('adds up to the whole session, also of a spawn that becomes overdue and is respawned', async () => {
    const { api, spawn } = await startStage({ SPAWN_DEADLINE_MS: '30' });
    const { session } = (await spawn()).body;
    const path = `/api/sessions/${session.id}`;
    const watch = await Watch.open(api.url, '?view=changes&since=3');
    await watch.fact('session:updated', ({ data }) => data.changes.overdue === true);
    await api.post(`${path}/timeline`, { message: 'm' });
    await api.patch(path, { status: 'working', metadata: { x: 1 } });
    await api.patch(path, { status: 'failed' });
    await watch.fact('session:updated', ({ data }) => data.changes.status === 'failed');
    const built = structuredClone(session);
    for (const { data } of watch.heard.filter(({ type }) => type === 'session:updated')) {
      for (const [name, value] of Object.entries(data.changes))
        if (value === null && name !== 'completedAt') delete built[name];
        else built[name] = value;
      for (const [list, items] of Object.entries(data.appended ?? {}))
        built[list].push(...(items as object[]));
    }
    expect(built).toEqual((await api.get(path)).body);
  });

  it('leaves every other fact as it is', async () => {
    const { api } = await startServer();
    const [small, whole] = [await Watch.open(api.url, '?view=changes'), await Watch.open(api.url)];
    await everything(api);
    await Promise.all([small.fact('project:deleted'), whole.fact('project:deleted')]);
    const others = (watch: Watch) => watch.heard.filter(({ type }) => type !== 'session:updated');
    expect(others(small)).toEqual(others(whole));
  });
});
