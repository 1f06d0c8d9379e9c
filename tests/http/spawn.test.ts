// POST /api/sessions/spawn: what is asked, what is answered, what is told.
import { describe, expect, it } from 'vitest';
import { manifestOf, startStage } from './spawning.ts';

describe('a spawn', () => {
  it('is answered with all that a terminal host needs', async () => {
    const { api, folder, projectId, taskId, spawn } = await startStage();
    const { status, body } = await spawn({ skills: ['Agent Smith', ''], context: { why: 'because' } });
    const { sessionId: id } = body;
    const manifestPath = `${folder}/sessions/${id}/manifest.json`;
    const url = `http://localhost:${new URL(api.url).port}`;
    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      sessionId: id,
      manifestPath,
      message: expect.any(String),
      session: (await api.get(`/api/sessions/${id}`)).body,
      command: 'maestro worker init',
      initialCommand: 'maestro worker init',
      cwd: '/the/project',
      envVars: {
        MAESTRO_SESSION_ID: id,
        MAESTRO_MANIFEST_PATH: manifestPath,
        MAESTRO_SERVER_URL: url,
        MAESTRO_API_URL: url,
        MAESTRO_STRATEGY: 'simple',
        MAESTRO_PROJECT_ID: projectId,
        DATA_DIR: `${folder}/data`,
        SESSION_DIR: `${folder}/sessions`,
      },
    });
    expect(body.session).toMatchObject({
      name: `Worker for ${taskId}`,
      status: 'spawning',
      taskIds: [taskId],
      env: body.envVars,
      role: 'worker',
      spawnSource: 'ui',
      spawnedBy: null,
      model: 'sonnet',
      manifestPath,
    });
    expect(body.session.metadata).toEqual({
      skills: ['Agent Smith', ''],
      spawnedBy: null,
      spawnSource: 'ui',
      role: 'worker',
      strategy: 'simple',
      context: { why: 'because' },
    });
    expect(manifestOf(manifestPath)).toMatchObject({
      role: 'worker',
      skills: ['Agent Smith'],
      templateId: expect.stringMatching(/^tmpl_/),
      session: { model: 'sonnet' },
      context: { custom: { why: 'because', project: { id: projectId } } },
    });
  });
});
