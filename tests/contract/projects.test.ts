// /api/projects
import { describe, expect, it } from 'vitest';
import { open, stage } from './support/stage.ts';

describe('POST /api/projects', () => {
  it('makes a project with defaults, its name trimmed, and tells project:created', async () => {
    const { api } = stage();
    const watch = await open('', ({ type }) => type === 'project:created');
    const { status, body } = await api.post('/api/projects', { name: '  A  ' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^proj_\d+_[0-9a-z]{9}$/),
      name: 'A',
      workingDir: '',
      description: '',
      createdAt: expect.any(Number),
      updatedAt: body.createdAt,
    });
    expect((await watch.fact('project:created', ({ data }) => data.id === body.id)).data).toEqual(body);
  });

  it('takes workingDir as it is given, and a name that another project has', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const { name } = (await api.get(`/api/projects/${projectId}`)).body;
    const { status, body } = await api.post('/api/projects', {
      name,
      workingDir: 'no such/place',
      description: 'D',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name, workingDir: 'no such/place', description: 'D' });
  });

  it.each([
    [{}, 'is required'],
    [{ name: null }, 'is required'],
    [{ name: ' ' }, 'must not be empty'],
    [{ name: 5 }, expect.any(String)],
  ])('refuses %j, naming the field', async (given, problem) => {
    const { status, body } = await stage().api.post('/api/projects', given);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: true,
      code: 'VALIDATION_ERROR',
      statusCode: 400,
      details: { name: problem },
    });
    expect(body.errors).toEqual([expect.stringMatching(/^name /)]);
  });
});

describe('GET /api/projects', () => {
  it('lists all, oldest first', async () => {
    const { api } = stage();
    const [first, second] = [await api.project(), await api.project()];
    const ids = (await api.get('/api/projects')).body.map(({ id }: { id: string }) => id);
    expect(ids.indexOf(first)).toBeGreaterThanOrEqual(0);
    expect(ids.indexOf(second)).toBeGreaterThan(ids.indexOf(first));
  });

  it('with an id answers with that one, and PROJECT_NOT_FOUND for one that is not there', async () => {
    const { api } = stage();
    const projectId = await api.project();
    expect((await api.get(`/api/projects/${projectId}`)).body.id).toBe(projectId);
    const { status, body } = await api.get('/api/projects/proj_0_none');
    expect([status, body.code]).toEqual([404, 'PROJECT_NOT_FOUND']);
  });
});

describe('PUT /api/projects/:id', () => {
  it('changes the fields that are given and tells project:updated', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const heard = await listen();
    const { status, body } = await api.put(`/api/projects/${projectId}`, {
      description: 'new',
      createdAt: 5,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: projectId,
      name: 'A project',
      workingDir: '/tmp',
      description: 'new',
    });
    expect(body.updatedAt).toBeGreaterThanOrEqual(body.createdAt);
    expect(body.createdAt).toBeGreaterThan(5);
    expect((await heard.fact('project:updated')).data).toEqual(body);
  });

  it('refuses an empty name, and a project that is not there', async () => {
    const { api } = stage();
    const projectId = await api.project();
    expect((await api.put(`/api/projects/${projectId}`, { name: '' })).body.details).toEqual({
      name: 'must not be empty',
    });
    expect((await api.put('/api/projects/proj_0_none', { name: 'A' })).body.code).toBe('PROJECT_NOT_FOUND');
  });
});

describe('DELETE /api/projects/:id', () => {
  it('answers with the id, tells project:deleted, and a GET is 404', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const heard = await listen();
    const { status, body } = await api.delete(`/api/projects/${projectId}`);
    expect([status, body]).toEqual([200, { success: true, id: projectId }]);
    expect((await heard.fact('project:deleted')).data).toEqual({ id: projectId });
    expect((await api.get(`/api/projects/${projectId}`)).status).toBe(404);
    expect((await api.delete(`/api/projects/${projectId}`)).body.code).toBe('PROJECT_NOT_FOUND');
  });

  it('refuses one with tasks or sessions, saying how many', async () => {
    const { api } = stage();
    const projectId = await api.project();
    await api.session(projectId);
    const withSession = await api.delete(`/api/projects/${projectId}`);
    expect([withSession.status, withSession.body.code, withSession.body.message]).toEqual([
      400,
      'PROJECT_HAS_DEPENDENCIES',
      'Cannot delete project with 1 existing session(s)',
    ]);
    await api.task(projectId);
    await api.task(projectId);
    const withTasks = await api.delete(`/api/projects/${projectId}`);
    expect(withTasks.body.message).toBe('Cannot delete project with 2 existing task(s)');
  });
});
