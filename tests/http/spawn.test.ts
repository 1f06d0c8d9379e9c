// What a spawn hands out of the server's own configuration; all else is in tests/contract/spawn.
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Api } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startServer } from '../support/server.ts';
import { manifestOf, startStage } from './spawning.ts';

describe('a spawn', () => {
  it('hands out the configured URL, and the folders as absolute paths', async () => {
    const folder = temporaryFolder();
    const { spawn } = await startStage(
      {
        SERVER_URL: 'https://maestro.example',
        DATA_DIR: relative(process.cwd(), join(folder, 'data')),
        SESSION_DIR: relative(process.cwd(), join(folder, 'sessions')),
      },
      folder,
    );
    const { body } = await spawn();
    expect(body.envVars).toMatchObject({
      MAESTRO_SERVER_URL: 'https://maestro.example',
      MAESTRO_API_URL: 'https://maestro.example',
      DATA_DIR: join(folder, 'data'),
      SESSION_DIR: join(folder, 'sessions'),
    });
    expect(body.manifestPath).toBe(join(folder, 'sessions', body.sessionId, 'manifest.json'));
    expect(manifestOf(body.manifestPath).session.workingDirectory).toBe('/the/project');
  });

  it('does not hand out the token', async () => {
    const server = await startServer({ MAESTRO_TOKEN: 'a-secret' });
    const api = new Api(server.api.url, 'a-secret');
    const projectId = await api.project();
    const taskIds = [await api.task(projectId)];
    const { status, body } = await api.post('/api/sessions/spawn', { projectId, taskIds });
    expect(status).toBe(201);
    expect(JSON.stringify(body)).not.toContain('a-secret');
  });
});
