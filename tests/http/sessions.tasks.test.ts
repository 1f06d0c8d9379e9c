// Sessions and tasks are two views of one relation; and a session that goes leaves its tasks.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';

describe('deleting a session', () => {
  it('takes its manifest folder along', async () => {
    const { api, folder } = await startServer();
    const projectId = await api.project();
    const { body } = await api.post('/api/sessions/spawn', {
      projectId,
      taskIds: [await api.task(projectId)],
    });
    expect(existsSync(body.manifestPath)).toBe(true);
    await api.delete(`/api/sessions/${body.sessionId}`);
    expect(existsSync(join(folder, 'sessions', body.sessionId))).toBe(false);
  });
});
