import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { commands } from './command.ts';

/** A server with one project, and commands that know both. */
async function begun() {
  const server = await startServer();
  const projectId = await server.api.project('/tmp');
  const maestro = commands({ MAESTRO_API_URL: server.maestro.url, MAESTRO_PROJECT_ID: projectId });
  return { ...server, ...maestro, projectId };
}

describe('maestro project', () => {
  it('makes, shows, lists and deletes projects', async () => {
    const { data, run, folder } = await begun();
    const made = await data(['project', 'create', 'New one', '--desc', 'what it is']);
    expect(made).toMatchObject({ name: 'New one', description: 'what it is', workingDir: `${folder}/work` });
    const there = await data(['project', 'create', 'There', '-d', '/tmp/there']);
    expect(there.workingDir).toBe('/tmp/there');
    expect(await data(['project', 'get', made.id])).toMatchObject({ id: made.id });
    expect((await data(['project', 'list'])).map(({ name }: any) => name)).toContain('New one');
    expect(await data(['project', 'delete', made.id])).toEqual({ id: made.id });
    expect((await run(['project', 'get', made.id, '--json'])).json).toMatchObject({
      success: false,
      error: 'PROJECT_NOT_FOUND',
    });
  });

  it('takes the long names of its options too', async () => {
    const { data } = await begun();
    const made = await data(['project', 'create', 'X', '--working-dir', '/tmp/x', '--description', 'd']);
    expect(made).toMatchObject({ workingDir: '/tmp/x', description: 'd' });
  });
});

describe('what stands in the way of deleting a project', () => {
  it('is named, and can be deleted too', async () => {
    const { data, run, api, projectId } = await begun();
    const taskId = await api.task(projectId);
    const sessionId = await api.session(projectId, [taskId]);
    const refused = await run(['project', 'delete', projectId]);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('maestro task delete')]);
    expect(await data(['session', 'delete', sessionId])).toEqual({ id: sessionId });
    expect(await data(['task', 'delete', taskId])).toEqual({ id: taskId });
    expect(await data(['project', 'delete', projectId])).toEqual({ id: projectId });
    for (const path of [`sessions/${sessionId}`, `tasks/${taskId}`])
      expect((await api.get(`/api/${path}`)).status).toBe(404);
  });
});

describe('maestro task', () => {
  it('makes tasks with all that they are given', async () => {
    const { data } = await begun();
    const parent = await data(['task', 'create', 'Whole']);
    const part = await data([
      ...['task', 'create', '-t', 'Part', '-d', 'what', '--priority', 'high', '--parent', parent.id],
      ...['--prompt', 'begin'],
    ]);
    expect(part).toMatchObject({
      title: 'Part',
      description: 'what',
      priority: 'high',
      parentId: parent.id,
      initialPrompt: 'begin',
    });
  });

  it('lists the tasks of the project, of a status, of a priority, below a task, or of all projects', async () => {
    const { data, api, projectId } = await begun();
    const whole = await api.task(projectId, { title: 'whole', priority: 'high' });
    const part = await api.task(projectId, { title: 'part', parentId: whole, status: 'completed' });
    const grain = await api.task(projectId, { title: 'grain', parentId: part });
    const foreign = await api.task(await api.project(), { title: 'foreign' });
    const ids = async (...args: string[]) => (await data(['task', 'list', ...args])).map(({ id }: any) => id);
    expect(await ids()).toEqual([whole, part, grain]);
    expect(await ids('--status', 'completed')).toEqual([part]);
    expect(await ids('--status', 'pending')).toEqual([whole, grain]);
    expect(await ids('--priority', 'high')).toEqual([whole]);
    expect(await ids(whole)).toEqual([part]);
    expect(await ids(whole, '--all')).toEqual([part, grain]);
    expect((await ids('--all')).sort()).toEqual([whole, part, grain, foreign].sort());
  });

  it('shows children and trees', async () => {
    const { data, run, api, projectId } = await begun();
    const whole = await api.task(projectId, { title: 'whole' });
    const part = await api.task(projectId, { title: 'part', parentId: whole });
    await api.task(projectId, { title: 'grain', parentId: part, status: 'blocked' });
    expect(await data(['task', 'children', whole])).toHaveLength(1);
    expect(await data(['task', 'children', whole, '--recursive'])).toHaveLength(2);
    const [tree] = await data(['task', 'tree']);
    expect(tree.children[0].children[0].title).toBe('grain');
    expect((await data(['task', 'tree', '--root', part, '--depth', '1']))[0]).toMatchObject({
      id: part,
      children: [],
    });
    expect((await run(['task', 'tree', '--status', 'blocked'])).stdout.split('\n')).toHaveLength(3);
  });

  it('changes, completes and blocks tasks', async () => {
    const { data, run, api, projectId } = await begun();
    const id = await api.task(projectId, { metadata: { kept: 1 } });
    expect(await data(['task', 'update', id, '--title', 'New', '--priority', 'low'])).toMatchObject({
      title: 'New',
      priority: 'low',
    });
    expect((await run(['task', 'update', id])).exitCode).toBe(1);
    expect(await data(['task', 'block', id, '--reason', 'no disk'])).toMatchObject({
      status: 'blocked',
      metadata: { kept: 1, blockedReason: 'no disk' },
    });
    expect((await run(['task', 'get', id])).stdout).toMatch(/blocked by +no disk/);
    expect(await data(['task', 'complete', id])).toMatchObject({ status: 'completed' });
  });

  it('tells a changed status, and nothing else, on the timeline of the session it is called in', async () => {
    const { data, run, api, projectId } = await begun();
    const id = await api.task(projectId, { title: 'T' });
    const sessionId = await api.session(projectId, [id]);
    const inside = { MAESTRO_SESSION_ID: sessionId };
    await data(['task', 'update', id, '--status', 'in_progress'], inside);
    await data(['task', 'update', id, '--title', 'New'], inside);
    await data(['task', 'block', id, '--reason', 'why'], inside);
    await data(['task', 'complete', id], inside);
    const { timeline } = (await api.get(`/api/sessions/${sessionId}`)).body;
    expect(timeline.slice(1)).toMatchObject([
      { type: 'task_status_changed', taskId: id, message: 'T is now in_progress' },
      { type: 'task_status_changed', taskId: id, message: 'New is now blocked: why' },
      { type: 'task_status_changed', taskId: id, message: 'New is now completed' },
    ]);
    expect((await run(['task', 'complete', id], { MAESTRO_SESSION_ID: 'unknown' })).exitCode).toBe(0);
  });

  it('exits with 2 for what is not there, also for what can be no id', async () => {
    const { run } = await begun();
    for (const id of ['task_1_x', '..', '../projects', 'a/b', '%2e%2e', ''])
      expect(await run(['task', 'get', id, '--json']), id).toMatchObject({
        exitCode: 2,
        json: { error: 'TASK_NOT_FOUND' },
      });
  });

  it('asks for a project when it needs one', async () => {
    const { run, maestro } = await begun();
    const { exitCode, json } = await run(['task', 'list', '--json'], {
      MAESTRO_PROJECT_ID: '',
      MAESTRO_API_URL: maestro.url,
    });
    expect(exitCode).toBe(1);
    expect(json.suggestion).toMatch(/--project ID or MAESTRO_PROJECT_ID/);
  });

  it('is plain lines with tabs when piped', async () => {
    const { run, api, projectId } = await begun();
    const id = await api.task(projectId, { title: 'two\nlines' });
    expect((await run(['task', 'list'])).stdout).toBe(
      `id\ttitle\tstatus\tsession\tpriority\n${id}\ttwo lines\ttodo\t\tmedium`,
    );
  });
});

describe('maestro status', () => {
  it('counts tasks and sessions, and shows who waits for an answer', async () => {
    const { data, run, api, projectId } = await begun();
    const task = await api.task(projectId);
    const sessionId = await api.session(projectId, [task], { status: 'working' });
    await api.post(`/api/sessions/${sessionId}/timeline`, { type: 'needs_input', message: 'Which?' });
    expect(await data(['status'])).toMatchObject({
      server: { status: 'ok' },
      project: { id: projectId },
      tasks: { todo: 1 },
      sessions: { working: 1 },
      needsInput: [{ id: sessionId, message: 'Which?' }],
    });
    expect((await run(['status'])).stdout).toContain('Which?');
  });
});
