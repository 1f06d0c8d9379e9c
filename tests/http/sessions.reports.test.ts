// What agents say: events, timeline entries, questions; and the answers to these.
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { workingIn } from '../support/session.ts';

describe('an open question', () => {
  it('survives a restart', async () => {
    const server = await startServer();
    const { path, say } = await workingIn(server);
    await say({ type: 'needs_input', message: 'Which?' });
    const { api } = await server.restart();
    expect((await api.get(path)).body.needsInput).toMatchObject({ active: true, message: 'Which?' });
    expect((await api.post(`${path}/answer`, { message: 'This' })).status).toBe(200);
  });
});
