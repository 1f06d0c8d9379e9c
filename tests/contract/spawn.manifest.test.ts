// The manifest of a spawn, as a terminal host gets to see it. How it is made, and fails: tests/http/spawn.manifest.
import { describe, expect, it } from 'vitest';
import { spawning } from './support/spawning.ts';

/** Spawns in a project of the test's own, and returns the manifest. */
async function manifesting() {
  const own = await spawning();
  const manifest = async (more: object = {}) => {
    const { status, body } = await own.spawn(more);
    expect(status).toBe(201);
    return own.manifestOf(body.sessionId);
  };
  return { ...own, manifest };
}

describe('the manifest of a spawn', () => {
  it('has these fields and no others, since the agents refuse what they do not know', async () => {
    const { api, projectId, taskId, manifest } = await manifesting();
    const { name } = (await api.get(`/api/projects/${projectId}`)).body;
    const made = await manifest();
    const task = (await api.get(`/api/tasks/${taskId}`)).body;
    expect(made).toEqual({
      manifestVersion: '1.0',
      role: 'worker',
      strategy: 'simple',
      tasks: [
        {
          id: taskId,
          title: 'A task',
          description: '',
          acceptanceCriteria: ['Task completion as described'],
          projectId,
          createdAt: new Date(task.createdAt).toISOString(),
          parentId: null,
          dependencies: [],
          priority: 'medium',
          status: 'todo',
          sessionIds: task.sessionIds,
        },
      ],
      session: {
        model: 'sonnet',
        permissionMode: 'acceptEdits',
        thinkingMode: 'auto',
        workingDirectory: '/tmp',
      },
      skills: [],
      context: { custom: { project: { id: projectId, name } } },
      templateId: expect.stringMatching(/^tmpl_/),
    });
  });

  it('shows its tasks as they are, in the order that was asked for', async () => {
    const { api, projectId, taskId, manifest } = await manifesting();
    const fields = {
      title: 'Äpfel "x" $(id)',
      description: 'Two\nlines',
      priority: 'high',
      acceptanceCriteria: ['It works', 'It is quick'],
      metadata: { any: { thing: [1] } },
      parentId: taskId,
      dependencies: [taskId],
    };
    const other = await api.task(projectId, fields);
    const { tasks } = await manifest({ taskIds: [other, taskId] });
    expect(tasks.map(({ id }: { id: string }) => id)).toEqual([other, taskId]);
    expect(tasks[0]).toMatchObject({ ...fields, id: other });
    expect(tasks[0]).not.toHaveProperty('model');
  });

  it('has no workingDirectory where the project has none', async () => {
    const { api, manifest } = await manifesting();
    const projectId = await api.project('');
    const { session } = await manifest({ projectId, taskIds: [await api.task(projectId)] });
    expect(session).not.toHaveProperty('workingDirectory');
  });

  it.each(['worker', 'orchestrator'])('of role %s names that role and its template', async (role) => {
    const { api, manifest } = await manifesting();
    const made = await manifest({ role });
    expect(made.role).toBe(role);
    const { status, body } = await api.get(`/api/templates/${made.templateId}`);
    // It may be another's, and gone meanwhile.
    expect([role, undefined]).toContain(status === 404 ? undefined : body.role);
  });

  it.each([
    ['simple', 'simple'],
    ['queue', 'queue'],
    ['tree', 'simple'],
  ])('of strategy %s says %s', async (strategy, said) => {
    const { manifest } = await manifesting();
    expect((await manifest({ strategy })).strategy).toBe(said);
  });

  it('names the skills without the empty ones, and none where none are asked for', async () => {
    const { manifest } = await manifesting();
    expect((await manifest({ skills: ['no-such-skill', '', 'Agent Smith'] })).skills).toEqual([
      'no-such-skill',
      'Agent Smith',
    ]);
    for (const skills of [[], [''], null, undefined]) expect((await manifest({ skills })).skills).toEqual([]);
  });

  it("holds the spawn's context beside the project, which nothing in it can replace", async () => {
    const { projectId, manifest } = await manifesting();
    const context = { why: 'because', deep: { list: [1, null] }, project: 'mine' };
    const { custom } = (await manifest({ context })).context;
    expect(custom).toEqual({ ...context, project: { id: projectId, name: 'A project' } });
  });

  it('is the same in session:spawn, in a claim, and with the next respawn made anew', async () => {
    const { api, taskId, spawn, manifestOf, listen } = await spawning();
    const watch = await listen();
    const { sessionId } = (await spawn({ context: { a: 1 } })).body;
    const first = (await watch.fact('session:spawn')).data.manifest;
    expect(await manifestOf(sessionId)).toEqual(first);
    await api.patch(`/api/tasks/${taskId}`, { title: 'Another title' });
    await api.patch(`/api/sessions/${sessionId}`, { status: 'failed' });
    await api.post(`/api/sessions/${sessionId}/respawn`);
    const again = await watch.fact(
      'session:spawn',
      ({ data }) => data.manifest.tasks[0].title === 'Another title',
    );
    expect(again.data.manifest.context).toEqual(first.context);
    expect(await manifestOf(sessionId)).toEqual(again.data.manifest);
  });
});

describe('the model of a spawn', () => {
  it("is its own, else the strongest of its tasks', else sonnet", async () => {
    const { api, projectId, spawn, manifestOf } = await spawning();
    const tasks = await Promise.all(
      [undefined, 'haiku', 'opus', 'sonnet'].map((model) => api.task(projectId, { model })),
    );
    const [plain, haiku, opus, sonnet] = tasks;
    const modelOf = async (taskIds: unknown, model?: string) => {
      const { body } = await spawn({ taskIds, model });
      expect((await manifestOf(body.sessionId)).session.model).toBe(body.session.model);
      return body.session.model;
    };
    expect(await modelOf([plain])).toBe('sonnet');
    expect(await modelOf([plain, haiku])).toBe('haiku');
    expect(await modelOf([haiku, sonnet])).toBe('sonnet');
    expect(await modelOf([sonnet, opus, haiku])).toBe('opus');
    expect(await modelOf([opus], 'haiku')).toBe('haiku');
  });
});
