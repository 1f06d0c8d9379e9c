import { expect, it } from 'vitest';
import { startServer } from '../support/server.ts';

const KIB = 1024;

it.each([
  ['metadata', 300 * KIB, 1024 * KIB],
  ['env', 60 * KIB, 256 * KIB],
])('%s of a session grows by merging up to its bound and no further', async (field, step, bound) => {
  const { api } = await startServer();
  const id = await api.session(await api.project());
  const grow = (index: number) =>
    api.patch(`/api/sessions/${id}`, { name: 'changed', [field]: { [`K${index}`]: 'x'.repeat(step) } });
  const fit = Math.floor(bound / step);
  for (let index = 0; index < fit; index += 1) expect((await grow(index)).status).toBe(200);
  const before = (await api.get(`/api/sessions/${id}`)).body;
  const { status, body } = await grow(fit);
  expect([status, body.code, Object.keys(body.details)]).toEqual([413, 'PAYLOAD_TOO_LARGE', [field]]);
  expect((await api.get(`/api/sessions/${id}`)).body).toEqual(before);
  // What is written over adds nothing.
  expect((await grow(0)).status).toBe(200);
});

it('a session that was spawned with a context of 1,000,000 bytes takes metadata, and lets it shrink', async () => {
  const { api } = await startServer();
  const projectId = await api.project();
  const taskIds = [await api.task(projectId)];
  const context = { text: 'x'.repeat(1_000_000) };
  const spawned = await api.post('/api/sessions/spawn', { projectId, taskIds, context });
  expect(spawned.status).toBe(201);
  const path = `/api/sessions/${spawned.body.sessionId}`;
  expect((await api.patch(path, { metadata: { note: 'n' } })).status).toBe(200);
  expect((await api.patch(path, { metadata: { note: 'x'.repeat(50_000) } })).status).toBe(413);
  expect((await api.patch(path, { metadata: { context: null } })).body.metadata).toMatchObject({ note: 'n' });
});
