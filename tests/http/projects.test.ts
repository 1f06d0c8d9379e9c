import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

describe('projects', () => {
  it('creates a project with defaults, and tells project:created with it', async () => {
    const { api } = await startServer();
    const watch = await Watch.open(api.url);
    const { status, body } = await api.post('/api/projects', { name: '  A  ' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'A', workingDir: '', description: '' });
    expect(body.id).toMatch(/^proj_\d+_[0-9a-z]{9}$/);
    expect((await watch.fact('project:created')).data).toEqual(body);
  });

  it('refuses a project without a name, naming the field', async () => {
    const { api } = await startServer();
    const { status, body } = await api.post('/api/projects', {});
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { name: 'is required' },
      statusCode: 400,
    });
  });

  it('refuses to delete a project with tasks', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    await api.task(projectId);
    const { status, body } = await api.delete(`/api/projects/${projectId}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'PROJECT_HAS_DEPENDENCIES',
      message: 'Cannot delete project with 1 existing task(s)',
    });
  });

  it('keeps projects through a restart', async () => {
    const server = await startServer();
    const id = await server.api.project();
    const again = await server.restart();
    expect((await again.api.get(`/api/projects/${id}`)).status).toBe(200);
  });
});
