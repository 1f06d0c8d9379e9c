import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';

describe('creating a task', () => {
  it('fills in the defaults, and tells task:created with it', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const watch = await listen();
    const { status, body } = await api.post('/api/tasks', { projectId, title: '  Do it  ' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^task_\d+_[0-9a-z]{9}$/),
      projectId,
      parentId: null,
      title: 'Do it',
      description: '',
      initialPrompt: '',
      status: 'todo',
      priority: 'medium',
      createdAt: expect.any(Number),
      updatedAt: body.createdAt,
      startedAt: null,
      completedAt: null,
      sessionIds: [],
      skillIds: [],
      agentIds: [],
      dependencies: [],
    });
    expect((await watch.fact('task:created')).data).toEqual(body);
  });

  it('takes every field that a client may give', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const parentId = await api.task(projectId);
    const given = {
      parentId,
      description: 'why',
      initialPrompt: 'go',
      status: 'blocked',
      priority: 'high',
      skillIds: ['s'],
      agentIds: ['a'],
      dependencies: [parentId],
      acceptanceCriteria: ['done'],
      model: 'opus',
      metadata: { any: [1] },
    };
    const { body } = await api.post('/api/tasks', { projectId, title: 'A', ...given });
    expect(body).toMatchObject(given);
  });

  it('reads pending as todo, null as not given, and ignores times and ids of the client', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const { status, body } = await api.post('/api/tasks', {
      projectId,
      title: 'A',
      status: 'pending',
      priority: null,
      model: null,
      id: 'task_mine',
      createdAt: 5,
      completedAt: 5,
      sessionIds: ['sess_x'],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'todo', priority: 'medium', completedAt: null, sessionIds: [] });
    expect(body).not.toHaveProperty('model');
    expect(body.id).not.toBe('task_mine');
    expect(body.createdAt).toBeGreaterThan(5);
  });

  it.each([
    ['title', {}, 'is required'],
    ['title', { title: '   ' }, 'must not be empty'],
    ['title', { title: 5 }, expect.any(String)],
    ['status', { title: 'A', status: 'done' }, expect.any(String)],
    ['priority', { title: 'A', priority: 'urgent' }, expect.any(String)],
    ['skillIds', { title: 'A', skillIds: 'x' }, expect.any(String)],
    ['metadata', { title: 'A', metadata: [] }, expect.any(String)],
  ])('refuses a wrong %s with 400, naming the field (%j)', async (field, fields, problem) => {
    const { api } = stage();
    const { status, body } = await api.post('/api/tasks', { projectId: await api.project(), ...fields });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: true, code: 'VALIDATION_ERROR', statusCode: 400 });
    expect(body.details).toEqual({ [field]: problem });
    expect(body.errors).toEqual([expect.stringContaining(field)]);
  });

  it('refuses a project or parent that is not there with 404, and a parent of another project with 400', async () => {
    const { api } = stage();
    const [projectId, other] = [await api.project(), await api.project()];
    const foreign = await api.task(other);
    const create = (fields: object) => api.post('/api/tasks', { projectId, title: 'A', ...fields });
    expect((await create({ projectId: 'proj_none' })).body.code).toBe('PROJECT_NOT_FOUND');
    expect((await create({ parentId: 'task_none' })).body).toMatchObject({
      code: 'TASK_NOT_FOUND',
      statusCode: 404,
    });
    expect((await create({ parentId: foreign })).body).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { parentId: expect.any(String) },
    });
    expect((await api.get(`/api/tasks?projectId=${projectId}`)).body).toEqual([]);
  });

  it('refuses an empty parentId, on create and on change: no task has that id', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const id = await api.task(projectId);
    const created = await api.post('/api/tasks', { projectId, title: 'A', parentId: '' });
    expect([created.status, created.body.code]).toEqual([404, 'TASK_NOT_FOUND']);
    const changed = await api.patch(`/api/tasks/${id}`, { parentId: '' });
    expect([changed.status, changed.body.code]).toEqual([404, 'TASK_NOT_FOUND']);
  });
});

describe('listing tasks', () => {
  it('combines the filters; parentId=null means root tasks', async () => {
    const { api } = stage();
    const [one, two] = [await api.project(), await api.project()];
    const root = await api.task(one);
    const child = await api.task(one, { parentId: root, status: 'blocked' });
    const other = await api.task(two, { status: 'blocked' });
    const own = new Set([root, child, other]);
    const listed = async (query: string): Promise<string[]> =>
      (await api.get(`/api/tasks${query}`)).body
        .map(({ id }: { id: string }) => id)
        .filter((id: string) => own.has(id));
    expect(await listed('')).toEqual([root, child, other]);
    expect(await listed(`?projectId=${one}`)).toEqual([root, child]);
    expect(await listed('?status=blocked')).toEqual([child, other]);
    expect(await listed('?status=pending')).toEqual([root]);
    expect(await listed(`?projectId=${one}&status=blocked`)).toEqual([child]);
    expect(await listed('?parentId=null')).toEqual([root, other]);
    expect(await listed(`?projectId=${one}&parentId=null`)).toEqual([root]);
    expect(await listed(`?parentId=${root}&status=todo`)).toEqual([]);
    expect(await listed('?projectId=proj_none')).toEqual([]);
    expect((await api.get('/api/tasks?status=done')).status).toBe(400);
  });

  it('gives direct children only, and 404 for those of a task that is not there', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const root = await api.task(projectId);
    const child = await api.task(projectId, { parentId: root });
    await api.task(projectId, { parentId: child });
    const { body } = await api.get(`/api/tasks/${root}/children`);
    expect(body.map(({ id }: { id: string }) => id)).toEqual([child]);
    expect((await api.get('/api/tasks/task_none/children')).body.code).toBe('TASK_NOT_FOUND');
  });
});

describe('changing a task', () => {
  it('applies what is given, leaves the rest, and tells task:updated', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const id = await api.task(projectId, { description: 'kept' });
    const watch = await listen();
    const change = { title: ' B ', priority: 'low', sessionStatus: 'blocked', acceptanceCriteria: ['x'] };
    const { status, body } = await api.patch(`/api/tasks/${id}`, { ...change, unknown: 1, createdAt: 1 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...change, title: 'B', description: 'kept' });
    expect(body.createdAt).toBeGreaterThan(1);
    expect(body).not.toHaveProperty('unknown');
    expect((await watch.fact('task:updated')).data).toEqual(body);
    expect((await api.patch('/api/tasks/task_none', {})).body.code).toBe('TASK_NOT_FOUND');
  });

  it('sets startedAt and completedAt once, and never moves them', async () => {
    const { api } = stage();
    const id = await api.task(await api.project());
    const to = async (status: string) => (await api.patch(`/api/tasks/${id}`, { status })).body;
    const { startedAt } = await to('in_progress');
    expect(startedAt).toEqual(expect.any(Number));
    const { completedAt } = await to('completed');
    expect(completedAt).toEqual(expect.any(Number));
    for (const status of ['todo', 'in_progress', 'completed', 'cancelled'])
      expect(await to(status)).toMatchObject({ status, startedAt, completedAt });
  });

  it('refuses a cycle of parents, and a parent of another project, and changes nothing then', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const top = await api.task(projectId);
    const middle = await api.task(projectId, { parentId: top });
    const bottom = await api.task(projectId, { parentId: middle });
    const foreign = await api.task(await api.project());
    for (const parentId of [top, middle, bottom, foreign]) {
      const { status, body } = await api.patch(`/api/tasks/${top}`, { parentId, title: 'changed' });
      expect([status, body.details]).toEqual([400, { parentId: expect.any(String) }]);
    }
    expect((await api.get(`/api/tasks/${top}`)).body).toMatchObject({ parentId: null, title: 'A task' });
  });

  it('moves a task to the root with parentId null', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const id = await api.task(projectId, { parentId: await api.task(projectId) });
    expect((await api.patch(`/api/tasks/${id}`, { parentId: null })).body.parentId).toBeNull();
    expect((await api.patch(`/api/tasks/${id}`, { title: null })).body.title).toBe('A task');
  });

  it('applies nothing but sessionStatus of what a session reports, and drops the rest without an error', async () => {
    const { api, listen } = stage();
    const id = await api.task(await api.project());
    const watch = await listen();
    const report = { updateSource: 'session', sessionId: 'sess_unknown' };
    const { status, body } = await api.patch(`/api/tasks/${id}`, {
      ...report,
      sessionStatus: 'working',
      title: 'Not mine',
      status: 'no such status',
      parentId: 'task_none',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ sessionStatus: 'working', title: 'A task', status: 'todo' });
    expect((await watch.fact('task:updated')).data).toEqual(body);
    expect((await api.patch(`/api/tasks/${id}`, { ...report, title: 'x' })).body).toEqual(body);
    expect((await api.patch(`/api/tasks/${id}`, { ...report, sessionStatus: 'x' })).status).toBe(400);
  });
});
