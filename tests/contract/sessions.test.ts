// Sessions as records: creating and finding them.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';

describe('creating a session', () => {
  it('fills in the defaults, and answers with the session', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const { status, body } = await api.post('/api/sessions', { projectId, taskIds: [] });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^sess_\d+_[0-9a-z]{9}$/),
      projectId,
      taskIds: [],
      name: 'Unnamed Session',
      env: {},
      strategy: 'simple',
      status: 'idle',
      startedAt: expect.any(Number),
      lastActivity: body.startedAt,
      completedAt: null,
      hostname: hostname(),
      platform: process.platform,
      events: [],
      timeline: [
        {
          id: expect.stringMatching(/^evt_/),
          type: 'session_started',
          timestamp: body.startedAt,
          message: expect.any(String),
        },
      ],
    });
    expect((await api.get(`/api/sessions/${body.id}`)).body).toEqual(body);
  });

  it('tells session:created, then for each task session:task_added and task:session_added', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [one, two] = [await api.task(projectId), await api.task(projectId)];
    const watch = await listen();
    const { body } = await api.post('/api/sessions', { projectId, taskIds: [one, two, one] });
    expect(body.taskIds).toEqual([one, two]);
    await watch.fact('task:session_added', ({ data }) => data.taskId === two);
    expect(watch.heard.map(({ type, data }) => [type, data.taskId ?? data.id])).toEqual([
      ['session:created', body.id],
      ['session:task_added', one],
      ['task:session_added', one],
      ['session:task_added', two],
      ['task:session_added', two],
    ]);
    expect(watch.heard[0]?.data).toEqual(body);
    expect((await api.get(`/api/tasks/${one}`)).body.sessionIds).toEqual([body.id]);
  });

  it('takes taskId in the place of taskIds, and requires one of them', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const taskId = await api.task(projectId);
    const create = (fields: object) => api.post('/api/sessions', { projectId, ...fields });
    expect((await create({ taskId })).body.taskIds).toEqual([taskId]);
    expect((await create({ taskId, taskIds: null })).body.taskIds).toEqual([taskId]);
    for (const fields of [{}, { taskIds: null }, { taskIds: taskId }, { taskIds: [5] }, { taskId: 5 }]) {
      const { status, body } = await create(fields);
      expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
      expect(Object.keys(body.details)[0]).toMatch(/^taskIds/);
    }
  });

  it('takes an id that is given; one that exists is 409', async () => {
    const { api } = stage();
    const id = `my-session_${randomUUID()}`;
    const body = { projectId: await api.project(), taskIds: [], id };
    expect((await api.post('/api/sessions', body)).body.id).toBe(id);
    const again = await api.post('/api/sessions', body);
    expect([again.status, again.body.code]).toEqual([409, 'CONFLICT']);
    await api.delete(`/api/sessions/${id}`);
    expect((await api.post('/api/sessions', body)).status).toBe(201);
  });

  it.each(['', '.', '../x', 'a/b', '-x', '_x', 'a.json', 'ü', 'x'.repeat(129), 'a\n', 5])(
    'refuses %j as an id: it becomes a file name',
    async (id) => {
      const { api } = stage();
      const { status, body } = await api.post('/api/sessions', {
        projectId: await api.project(),
        taskIds: [],
        id,
      });
      expect([status, Object.keys(body.details)]).toEqual([400, ['id']]);
    },
  );

  it('takes a status as given: running is told as working, an ended one is completed now', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const create = async (status: string) =>
      (await api.post('/api/sessions', { projectId, taskIds: [], status })).body;
    expect(await create('running')).toMatchObject({ status: 'working', completedAt: null });
    const failed = await create('failed');
    expect(failed).toMatchObject({ status: 'failed', completedAt: failed.startedAt });
    expect(await create('spawning')).toMatchObject({ status: 'spawning', completedAt: null });
    expect(await create('asleep')).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('takes name, agentId, env, strategy and metadata, and shows what metadata knows at the top', async () => {
    const { api } = stage();
    const given = {
      name: 'N',
      agentId: 'a',
      env: { A: '1' },
      strategy: 'tree',
      metadata: { role: 'worker' },
    };
    const { body } = await api.post('/api/sessions', {
      projectId: await api.project(),
      taskIds: [],
      ...given,
      hostname: 'elsewhere',
      startedAt: 1,
    });
    expect(body).toMatchObject({ ...given, role: 'worker', hostname: hostname() });
    expect(body.startedAt).toBeGreaterThan(1);
  });

  it('makes the queue of strategy queue, all tasks queued in order', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const taskIds = [await api.task(projectId), await api.task(projectId)];
    const watch = await listen('?topics=queue');
    const id = await api.session(projectId, taskIds, { strategy: 'queue' });
    const { queue } = (await watch.fact('queue:created')).data;
    expect(queue).toMatchObject({ sessionId: id, strategy: 'queue', currentIndex: -1 });
    expect(queue.items).toEqual(
      taskIds.map((taskId) => ({ taskId, status: 'queued', addedAt: expect.any(Number) })),
    );
    for (const taskId of taskIds)
      expect((await watch.fact('task:updated', ({ data }) => data.id === taskId)).data).toMatchObject({
        sessionStatus: 'queued',
        sessionIds: [id],
      });
  });
});

describe('listing sessions', () => {
  it('combines the filters; active=true leaves out those that have ended', async () => {
    const { api } = stage();
    const [one, two] = [await api.project(), await api.project()];
    const task = await api.task(one);
    const idle = await api.session(one, [task]);
    const done = await api.session(one, [task], { status: 'completed' });
    const working = await api.session(two, [], { status: 'working' });
    const own = new Set([idle, done, working]);
    const listed = async (query: string): Promise<string[]> =>
      (await api.get(`/api/sessions${query}`)).body
        .map(({ id }: { id: string }) => id)
        .filter((id: string) => own.has(id));
    expect(await listed('')).toEqual([idle, done, working]);
    expect(await listed(`?projectId=${one}`)).toEqual([idle, done]);
    expect(await listed(`?taskId=${task}&status=completed`)).toEqual([done]);
    expect(await listed('?status=running')).toEqual([working]);
    expect(await listed('?active=true')).toEqual([idle, working]);
    expect(await listed(`?active=true&projectId=${one}&taskId=${task}`)).toEqual([idle]);
    expect(await listed(`?projectId=${two}&taskId=${task}`)).toEqual([]);
    expect((await api.get('/api/sessions?status=asleep')).status).toBe(400);
  });
});
