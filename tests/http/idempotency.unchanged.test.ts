import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';

const keyed = (key: string) => ({ 'Idempotency-Key': key });

async function stage() {
  const server = await startServer();
  const { api, folder } = server;
  const projectId = await api.project();
  const sessionId = await api.session(projectId, [], { strategy: 'queue', status: 'working' });
  const journal = () =>
    readdirSync(join(folder, 'data', 'journal'))
      .filter((name) => name.endsWith('.log'))
      .map((name) =>
        readFileSync(join(folder, 'data', 'journal', name))
          .toString('latin1')
          .replace(/\0+$/, ''),
      );
  const answers = () => readdirSync(join(folder, 'data', 'answers'));
  return { ...server, projectId, sessionId, journal, answers };
}

describe('a command that changes nothing', () => {
  it('writes nothing, though it has a key: an empty queue that is asked a hundred times', async () => {
    const { api, sessionId, journal, answers } = await stage();
    const before = journal();
    for (let index = 0; index < 100; index += 1) {
      const { body } = await api.post(`/api/sessions/${sessionId}/queue/start`, {}, keyed(`k${index}`));
      expect(body.empty).toBe(true);
    }
    expect(journal()).toEqual(before);
    expect(answers()).toEqual([]);
  });

  it('writes nothing when it is refused', async () => {
    const { api, journal, answers } = await stage();
    const before = journal();
    for (let index = 0; index < 100; index += 1) {
      const body = { projectId: 'none', title: 'T' };
      expect((await api.post('/api/tasks', body, keyed(`k${index}`))).status).toBe(404);
    }
    expect(journal()).toEqual(before);
    expect(answers()).toEqual([]);
  });

  it('is answered as the first time when it is repeated', async () => {
    const { api, projectId, sessionId } = await stage();
    const start = () => api.post(`/api/sessions/${sessionId}/queue/start`, {}, keyed('k'));
    const first = await start();
    const taskId = await api.task(projectId);
    await api.post(`/api/sessions/${sessionId}/queue/push`, { taskId });
    expect((await start()).body).toEqual(first.body);
  });
});
