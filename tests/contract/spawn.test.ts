// POST /api/sessions/spawn: what is asked, what is answered, what is told.
import { describe, expect, it } from 'vitest';
import { spawning } from './support/spawning.ts';

describe('the checks of a spawn', () => {
  it('come in their order, each with its own code and message', async () => {
    const { api, projectId, taskId } = await spawning();
    const foreign = await api.task(await api.project());
    // Each body mends the fault before it and keeps all that come after.
    const faults = {
      taskIds: [],
      spawnSource: 'cron',
      role: 'boss',
      strategy: 'random',
    };
    const sessionId = await api.session(projectId);
    const steps: [object, number, string, string][] = [
      [{}, 400, 'missing_project_id', 'projectId is required'],
      [{ projectId: 'proj_none' }, 400, 'invalid_task_ids', 'taskIds must be a non-empty array'],
      [{ taskIds: ['task_none'] }, 400, 'invalid_spawn_source', 'spawnSource must be "ui" or "session"'],
      [
        { spawnSource: 'session' },
        400,
        'missing_session_id',
        'sessionId is required when spawnSource is "session"',
      ],
      [{ sessionId: 'sess_x' }, 404, 'parent_session_not_found', 'Parent session sess_x not found'],
      [{ sessionId }, 400, 'invalid_role', 'role must be "worker" or "orchestrator"'],
      [{ role: 'worker' }, 400, 'invalid_strategy', 'strategy must be "simple", "queue", or "tree"'],
      [{ strategy: 'tree' }, 404, 'task_not_found', 'Task task_none not found'],
      [{ taskIds: [foreign] }, 404, 'project_not_found', 'Project proj_none not found'],
      [{ projectId }, 400, 'invalid_task_ids', `Task ${foreign} belongs to another project`],
    ];
    let body: object = faults;
    for (const [mend, status, code, message] of steps) {
      body = { ...body, ...mend };
      const answer = await api.post('/api/sessions/spawn', body);
      expect(answer.body).toMatchObject({ error: true, code, message, statusCode: status });
      expect(answer.status).toBe(status);
      if (code === 'task_not_found') expect(answer.body.details).toEqual({ taskId: 'task_none' });
    }
    expect((await api.post('/api/sessions/spawn', { ...body, taskIds: [taskId] })).status).toBe(201);
  });

  it.each([
    ['projectId', { projectId: 5 }, 'missing_project_id'],
    ['projectId', { projectId: '' }, 'missing_project_id'],
    ['taskIds', { taskIds: 'task_1' }, 'invalid_task_ids'],
    ['taskIds', { taskIds: [5] }, 'invalid_task_ids'],
    ['taskIds', { taskIds: null }, 'invalid_task_ids'],
    ['spawnSource', { spawnSource: 5 }, 'invalid_spawn_source'],
    ['role', { role: ['worker'] }, 'invalid_role'],
    ['model', { model: 'gpt' }, 'VALIDATION_ERROR'],
    ['context', { context: [] }, 'VALIDATION_ERROR'],
    ['skills', { skills: 'a' }, 'VALIDATION_ERROR'],
    ['skills', { skills: ['-rf'] }, 'VALIDATION_ERROR'],
    ['skills', { skills: ['a,b'] }, 'VALIDATION_ERROR'],
    ['skills', { skills: ['a\nb'] }, 'VALIDATION_ERROR'],
    ['skills', { skills: ['a\u007f'] }, 'VALIDATION_ERROR'],
    ['skills', { skills: ['good', '-rf'] }, 'VALIDATION_ERROR'],
    ['taskIds', { taskIds: [] }, 'invalid_task_ids'],
    ['strategy', { strategy: 'Queue' }, 'invalid_strategy'],
    ['source', { spawnSource: 'session', sessionId: '' }, 'missing_session_id'],
  ])('refuse a wrong %s (%j) with 400 %s, and make no session', async (_field, fields, code) => {
    const { api, projectId, spawn } = await spawning();
    const { status, body } = await spawn(fields);
    expect([status, body.code]).toEqual([400, code]);
    expect((await api.get(`/api/sessions?projectId=${projectId}`)).body).toEqual([]);
  });
});

describe('the check of its tasks', () => {
  it('names the first task that is not there', async () => {
    const { taskId, spawn } = await spawning();
    const { status, body } = await spawn({ taskIds: [taskId, 'task_b', 'task_a'] });
    expect([status, body.code, body.details]).toEqual([404, 'task_not_found', { taskId: 'task_b' }]);
  });

  it('finds one of another project among its own', async () => {
    const { api, taskId, spawn } = await spawning();
    const foreign = await api.task(await api.project());
    const { status, body } = await spawn({ taskIds: [taskId, foreign] });
    expect([status, body.code]).toEqual([400, 'invalid_task_ids']);
  });
});

describe('a spawn', () => {
  it('is answered with all that a terminal host needs', async () => {
    const { api, projectId, taskId, spawn } = await spawning();
    const { status, body } = await spawn({ skills: ['Agent Smith', ''], context: { why: 'because' } });
    const { sessionId: id, envVars } = body;
    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      sessionId: id,
      manifestPath: envVars.MAESTRO_MANIFEST_PATH,
      message: expect.any(String),
      session: (await api.get(`/api/sessions/${id}`)).body,
      command: 'maestro worker init',
      initialCommand: 'maestro worker init',
      cwd: '/tmp',
      envVars: {
        MAESTRO_SESSION_ID: id,
        MAESTRO_MANIFEST_PATH: expect.stringMatching(/^\//),
        MAESTRO_SERVER_URL: expect.stringMatching(/^https?:/),
        MAESTRO_API_URL: envVars.MAESTRO_SERVER_URL,
        MAESTRO_STRATEGY: 'simple',
        MAESTRO_PROJECT_ID: projectId,
        DATA_DIR: expect.stringMatching(/^\//),
        SESSION_DIR: expect.stringMatching(/^\//),
      },
    });
    expect(body.manifestPath).toBe(`${envVars.SESSION_DIR}/${id}/manifest.json`);
    expect(body.session).toMatchObject({
      name: `Worker for ${taskId}`,
      status: 'spawning',
      taskIds: [taskId],
      env: envVars,
      role: 'worker',
      spawnSource: 'ui',
      spawnedBy: null,
      model: 'sonnet',
      manifestPath: body.manifestPath,
    });
    expect(body.session.metadata).toEqual({
      skills: ['Agent Smith', ''],
      spawnedBy: null,
      spawnSource: 'ui',
      role: 'worker',
      strategy: 'simple',
      context: { why: 'because' },
    });
  });

  it('that says nothing more, or null, is a simple one of a worker, from the UI', async () => {
    const { spawn } = await spawning();
    const optional = [
      'role',
      'strategy',
      'spawnSource',
      'sessionId',
      'sessionName',
      'skills',
      'model',
      'context',
    ];
    const nulls = Object.fromEntries(optional.map((field) => [field, null]));
    for (const more of [{}, nulls]) {
      const { status, body } = await spawn(more);
      expect(status).toBe(201);
      expect(body.session.metadata).toEqual({
        skills: [],
        spawnedBy: null,
        spawnSource: 'ui',
        role: 'worker',
        strategy: 'simple',
        context: {},
      });
    }
  });

  it("has the project's workingDir as its cwd, also an empty one", async () => {
    const { api, spawn } = await spawning();
    for (const workingDir of ['', 'no such/place']) {
      const projectId = await api.project(workingDir);
      const { body } = await spawn({ projectId, taskIds: [await api.task(projectId)] });
      expect(body.cwd).toBe(workingDir);
    }
  });

  it('that is refused has told nothing', async () => {
    const { api, taskId, spawn, listen } = await spawning();
    const watch = await listen('?topics=all');
    await spawn({ taskIds: [taskId, 'task_none'], strategy: 'queue' });
    await spawn({ skills: ['-x'] });
    const { body } = await api.patch(`/api/tasks/${taskId}`, { title: 'Then' });
    await watch.fact('task:updated');
    expect(watch.types).toEqual(['task:updated']);
    expect(body).not.toHaveProperty('sessionStatus');
  });

  it('tells session:spawn first, then its association facts, and never session:created', async () => {
    const { api, projectId, taskId, spawn, listen, manifestOf } = await spawning();
    const other = await api.task(projectId);
    const watch = await listen();
    const { body } = await spawn({ taskIds: [taskId, other, taskId] });
    await watch.fact('task:session_added', ({ data }) => data.taskId === other);
    await api.patch(`/api/tasks/${other}`, {});
    await watch.fact('task:updated');
    expect(watch.heard.map(({ type, data }) => [type, data.taskId])).toEqual([
      ['session:spawn', undefined],
      ['session:task_added', taskId],
      ['task:session_added', taskId],
      ['session:task_added', other],
      ['task:session_added', other],
      ['task:updated', undefined],
    ]);
    expect(watch.heard[0]?.data).toEqual({
      session: body.session,
      command: body.command,
      cwd: body.cwd,
      envVars: body.envVars,
      manifest: await manifestOf(body.sessionId),
      projectId,
      taskIds: [taskId, other],
      spawnSource: 'ui',
      parentSessionId: null,
      _isSpawnCreated: true,
    });
    expect((await api.get(`/api/tasks/${other}`)).body.sessionIds).toEqual([body.sessionId]);
  });

  it('by a session names its parent; spawnedBy is an old word for it', async () => {
    const { api, projectId, spawn, listen } = await spawning();
    const parent = await api.session(projectId);
    const watch = await listen();
    for (const field of ['sessionId', 'spawnedBy']) {
      const given = { spawnSource: 'session', [field]: parent, role: 'orchestrator', sessionName: field };
      const { body } = await spawn(given);
      expect(body.session).toMatchObject({ name: field, spawnedBy: parent, role: 'orchestrator' });
      expect(body.command).toBe('maestro orchestrator init');
      const { data } = await watch.fact('session:spawn', (heard) => heard.data.session.name === field);
      expect(data).toMatchObject({ parentSessionId: parent, spawnSource: 'session' });
    }
  });

  it('without a name, or with an empty one, is named after its role and first task', async () => {
    const { taskId, spawn } = await spawning();
    for (const sessionName of [undefined, null, ''])
      expect((await spawn({ role: 'orchestrator', sessionName })).body.session.name).toBe(
        `Orchestrator for ${taskId}`,
      );
  });

  it('with strategy queue makes its queue, told after session:spawn', async () => {
    const { api, taskId, spawn, listen } = await spawning();
    const watch = await listen('?topics=queue');
    const { body } = await spawn({ strategy: 'queue' });
    const created = await watch.fact('queue:created');
    expect(watch.types[0]).toBe('session:spawn');
    expect(created.data).toMatchObject({ sessionId: body.sessionId, queue: { items: [{ taskId }] } });
    expect((await watch.fact('task:updated')).data).toMatchObject({ id: taskId, sessionStatus: 'queued' });
    expect((await api.get(`/api/sessions/${body.sessionId}/queue`)).body.stats).toMatchObject({ queued: 1 });
    expect(body.envVars.MAESTRO_STRATEGY).toBe('queue');
  });

  it('with strategy queue queues all its tasks in order', async () => {
    const { api, projectId, taskId, spawn } = await spawning();
    const tasks = [await api.task(projectId), taskId, await api.task(projectId)];
    const { sessionId } = (await spawn({ strategy: 'queue', taskIds: tasks })).body;
    const { queue } = (await api.get(`/api/sessions/${sessionId}/queue`)).body;
    expect(queue.currentIndex).toBe(-1);
    expect(queue.items.map(({ taskId: id, status }: any) => [id, status])).toEqual(
      tasks.map((id) => [id, 'queued']),
    );
    for (const id of tasks) expect((await api.get(`/api/tasks/${id}`)).body.sessionStatus).toBe('queued');
  });

  it('with strategy tree calls it tree', async () => {
    const { spawn } = await spawning();
    const { body } = await spawn({ strategy: 'tree' });
    expect(body.session).toMatchObject({ strategy: 'tree', metadata: { strategy: 'tree' } });
    expect(body.envVars.MAESTRO_STRATEGY).toBe('tree');
  });
});
