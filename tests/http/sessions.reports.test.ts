// What agents say: events, timeline entries, questions; and the answers to these.
import { describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

async function sessionIn({ api }: TestServer, status = 'working') {
  const id = await api.session(await api.project(), [], { status });
  const path = `/api/sessions/${id}`;
  const say = async (body: object) => (await api.post(`${path}/timeline`, body)).body;
  const patch = async (body: object) => (await api.patch(path, body)).body;
  return { id, path, say, patch };
}

describe('an open question', () => {
  it('survives a restart', async () => {
    const server = await startServer();
    const { path, say } = await sessionIn(server);
    await say({ type: 'needs_input', message: 'Which?' });
    const { api } = await server.restart();
    expect((await api.get(path)).body.needsInput).toMatchObject({ active: true, message: 'Which?' });
    expect((await api.post(`${path}/answer`, { message: 'This' })).status).toBe(200);
  });
});
