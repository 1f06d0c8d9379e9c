// The machine's clock is set while the server runs.
import { expect, it, onTestFinished, vi } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

const HOUR_MS = 3_600_000;

/** Sets the machine's clock, as this process sees it. Timers are not touched: they do not follow it in Node either. */
function setClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
  // Else it would stand still.
  const origin = performance.now();
  const began = Date.now();
  const ticking = setInterval(() => vi.setSystemTime(began + performance.now() - origin), 1);
  onTestFinished(() => {
    clearInterval(ticking);
    vi.useRealTimers();
  });
}

/** A queue with an item in work and a spawn that waits for its agent. */
async function begun(server: TestServer) {
  const { api } = server;
  const projectId = await api.project();
  const taskIds = [await api.task(projectId), await api.task(projectId)];
  const queueId = await api.session(projectId, taskIds, { strategy: 'queue', status: 'working' });
  expect((await api.post(`/api/sessions/${queueId}/queue/start`)).status).toBe(200);
  const spawned = await api.post('/api/sessions/spawn', { projectId, taskIds: [taskIds[0]] });
  expect(spawned.status).toBe(201);
  return { api, projectId, queueId, spawnedId: spawned.body.sessionId as string };
}

it('goes on from where it was when it is set back: no time runs backwards, and deadlines come', async () => {
  const server = await startServer({ SPAWN_DEADLINE_MS: '1000' });
  const { api, queueId, spawnedId } = await begun(server);
  setClock(-HOUR_MS);
  const completed = await api.post(`/api/sessions/${queueId}/queue/complete`);
  const [item] = (await api.get(`/api/sessions/${queueId}/queue/items`)).body.items;
  expect(completed.status).toBe(200);
  expect(item.completedAt).toBeGreaterThanOrEqual(item.startedAt);
  await api.post(`/api/sessions/${queueId}/timeline`, { message: 'later' });
  const session = (await api.get(`/api/sessions/${queueId}`)).body;
  const times = session.timeline.map(({ timestamp }: { timestamp: number }) => timestamp);
  expect(times).toEqual(times.toSorted((a: number, b: number) => a - b));
  expect(session.lastActivity).toBeGreaterThanOrEqual(session.startedAt);
  const isOverdue = async () => (await api.get(`/api/sessions/${spawnedId}`)).body.overdue;
  await expect.poll(isOverdue, { timeout: 10_000 }).toBe(true);
});

it('set back while the server was down: all is there, order and numbers go on', async () => {
  const server = await startServer();
  const { api, projectId, queueId } = await begun(server);
  const before = (await api.get(`/api/sessions/${queueId}`)).body;
  const { seq } = (await api.get('/health')).body;
  await server.maestro.close();
  // The next server is a process of its own, whose clock starts where the machine's is.
  vi.resetModules();
  setClock(-HOUR_MS);
  const fresh = await import('../support/server.ts');
  const { api: again } = await fresh.startServer({}, server.folder);
  expect((await again.get(`/api/sessions/${queueId}`)).body).toEqual(before);
  const later = await again.task(projectId);
  expect((await again.get(`/api/tasks/${later}`)).body.createdAt).toBeLessThan(before.startedAt);
  await again.post(`/api/sessions/${queueId}/timeline`, { message: 'the last' });
  const { timeline } = (await again.get(`/api/sessions/${queueId}`)).body;
  expect(timeline.at(-1).message).toBe('the last');
  expect((await again.get('/health')).body.seq).toBeGreaterThan(seq);
});

it('set forward by less than a day: a kept answer is kept', async () => {
  const { api } = await startServer();
  const key = { 'idempotency-key': 'the-key' };
  const projectId = (await api.post('/api/projects', { name: 'A' }, key)).body.id;
  setClock(23 * HOUR_MS);
  expect((await api.post('/api/projects', { name: 'A' }, key)).body.id).toBe(projectId);
  expect((await api.get('/api/projects')).body).toHaveLength(1);
});
