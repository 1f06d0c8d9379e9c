import { describe, expect, it } from 'vitest';
import { startProcess, startServer } from '../support/server.ts';
import { commands, eventually } from './command.ts';

async function begun(strategy = 'simple') {
  const server = await startServer();
  const projectId = await server.api.project('/tmp');
  const taskId = await server.api.task(projectId, { title: 'T' });
  const sessionId = await server.api.session(projectId, [taskId], { status: 'working', strategy });
  const maestro = commands({
    MAESTRO_API_URL: server.maestro.url,
    MAESTRO_PROJECT_ID: projectId,
    MAESTRO_SESSION_ID: sessionId,
  });
  const session = async () => (await server.api.get(`/api/sessions/${sessionId}`)).body;
  const task = async () => (await server.api.get(`/api/tasks/${taskId}`)).body;
  return { ...server, ...maestro, projectId, taskId, sessionId, session, task };
}

describe('maestro report', () => {
  it.each<[args: string[], type: string, sessionStatus: string]>([
    [['report', 'progress', 'said'], 'progress', 'working'],
    [['report', 'complete', 'said'], 'task_completed', 'completed'],
    [['report', 'blocked', 'said'], 'task_blocked', 'blocked'],
    [['report', 'error', 'said'], 'error', 'failed'],
    [['report', 'needs-input', 'said'], 'needs_input', 'needs_input'],
    [['update', 'said'], 'progress', 'working'],
    [['update:progress', 'said'], 'progress', 'working'],
    [['update:complete', 'said'], 'task_completed', 'completed'],
    [['update:blocked', 'said'], 'task_blocked', 'blocked'],
    [['update:error', 'said'], 'error', 'failed'],
    [['update:needs-input', 'said'], 'needs_input', 'needs_input'],
  ])('%j --task writes an entry and moves the task', async (args, type, sessionStatus) => {
    const { data, session, task, taskId } = await begun();
    const told = await data([...args, '--task', taskId]);
    const { timeline, status } = await session();
    expect(timeline.at(-1)).toMatchObject({ type, message: 'said', taskId, id: told.entryIds[0] });
    expect(status).toBe('working');
    expect((await task()).sessionStatus).toBe(sessionStatus);
  });

  it('takes several tasks in one value', async () => {
    const { data, api, session, taskId, projectId } = await begun();
    const other = await api.task(projectId);
    await data(['report', 'progress', 'both', '--task', `${taskId}, ${other}`]);
    expect((await session()).timeline.slice(-2)).toMatchObject([{ taskId }, { taskId: other }]);
    expect((await api.get(`/api/tasks/${other}`)).body.sessionStatus).toBe('working');
  });

  it('completes the session when it is about no task', async () => {
    const { data, session, task } = await begun();
    await data(['report', 'complete']);
    const { status, timeline } = await session();
    expect(status).toBe('completed');
    expect(timeline.slice(-2)).toMatchObject([{ type: 'task_completed' }, { type: 'session_stopped' }]);
    expect((await task()).sessionStatus).toBeUndefined();
  });

  it('exits with 1 outside of a session, and with 2 in one that is not known', async () => {
    const { run } = await begun();
    expect((await run(['report', 'progress', 'x'], { MAESTRO_SESSION_ID: '' })).exitCode).toBe(1);
    expect((await run(['report', 'progress', 'x'], { MAESTRO_SESSION_ID: 'unknown' })).exitCode).toBe(2);
  });
});

describe('maestro report needs-input --wait', () => {
  it('prints the answer to its own question, though the server was killed meanwhile', async () => {
    const first = await startProcess();
    const projectId = await first.api.project();
    const taskId = await first.api.task(projectId);
    const sessionId = await first.api.session(projectId, [taskId], { status: 'working' });
    const { start, data } = commands({ MAESTRO_API_URL: first.api.url, MAESTRO_SESSION_ID: sessionId });

    const asking = start(['report', 'needs-input', 'Which colour?', '--wait']);
    const needsInput = async () => (await first.api.get(`/api/sessions/${sessionId}`)).body.needsInput;
    await eventually(async () => (await needsInput())?.active === true);
    await first.kill();
    await startProcess({ PORT: new URL(first.api.url).port }, first.folder);
    await data(['session', 'answer', sessionId, 'blue']);

    expect(await asking.ended).toMatchObject({ exitCode: 0, stdout: 'blue' });
  });

  it('exits with 1 when the question is closed without an answer', async () => {
    const { start, api, session, sessionId } = await begun();
    const asking = start(['report', 'needs-input', 'Which?', '--wait', '--json']);
    await eventually(async () => (await session()).needsInput?.active === true);
    await api.patch(`/api/sessions/${sessionId}`, { status: 'completed' });
    expect(await asking.ended).toMatchObject({
      exitCode: 1,
      json: { success: false, error: 'NOT_ANSWERED' },
    });
  });

  it('does not wait where a question cannot be opened', async () => {
    const { run, api, sessionId } = await begun();
    await api.patch(`/api/sessions/${sessionId}`, { status: 'idle' });
    const { exitCode, stderr } = await run(['report', 'needs-input', 'Which?', '--wait']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/session register/);
  });
});

describe('the hooks', () => {
  it('make a session that is not known, and move one that is', async () => {
    const { data, api, projectId, taskId } = await begun();
    const hook = { MAESTRO_SESSION_ID: 'own-id', MAESTRO_TASK_IDS: taskId, MAESTRO_STRATEGY: 'tree' };
    const own = async () => (await api.get('/api/sessions/own-id')).body;
    await data(['session', 'register'], hook);
    expect(await own()).toMatchObject({ status: 'working', strategy: 'tree', taskIds: [taskId], projectId });
    await data(['session', 'complete'], hook);
    expect((await own()).status).toBe('completed');
    await data(['session', 'register'], hook);
    expect((await own()).status).toBe('working');
    await data(['track-file', 'src/a.ts'], hook);
    expect((await own()).events.at(-1)).toMatchObject({
      type: 'file_modified',
      data: { file: 'src/a.ts', timestamp: expect.any(Number) },
    });
  });
});

describe('maestro session', () => {
  it('lists sessions, also of one task, and shows its own', async () => {
    const { data, api, projectId, sessionId, taskId } = await begun();
    const other = await api.session(projectId, [await api.task(projectId)]);
    const ids = async (...args: string[]) =>
      (await data(['session', 'list', ...args])).map(({ id }: any) => id);
    expect((await ids()).sort()).toEqual([sessionId, other].sort());
    expect(await ids('--task', taskId)).toEqual([sessionId]);
    expect(await data(['session', 'info'])).toMatchObject({ id: sessionId });
    expect(await data(['session', 'info', other])).toMatchObject({ id: other });
  });

  it('shows the end of its story, and with --all the whole', async () => {
    const { run, api, sessionId, taskId } = await begun();
    const path = `/api/sessions/${sessionId}`;
    const timeline = Array.from({ length: 25 }, (_, at) => ({ message: `step ${at}`, taskId }));
    await api.patch(path, { timeline });
    await api.post(`${path}/timeline`, { type: 'needs_input', message: 'Which?' });
    const { stdout } = await run(['session', 'info']);
    const last = stdout.trimEnd().split('\n').slice(-20);
    expect(last[18]).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d [\\d:]{8}\tprogress\t${taskId}\tstep 24$`));
    expect(last[19]).toMatch(/\tneeds_input\t\tWhich\?$/);
    expect(stdout).toMatch(/^asks +Which\?$/m);
    expect(stdout).toMatch(/^\d+ earlier entries; --all shows them$/m);
    expect(stdout).not.toContain('step 5\n');
    expect((await run(['session', 'info', '--all'])).stdout).toContain('step 0\n');
    expect((await run(['session', 'list'])).stdout).toMatch(
      new RegExp(`^${sessionId}\tworking\tsimple\t[^\t]*\t${taskId}\tWhich\\?\tWhich\\?$`, 'm'),
    );
  });

  it('shows how far its queue is, and a task the sessions that work on it', async () => {
    const { run, data, sessionId, taskId } = await begun('queue');
    await data(['queue', 'start']);
    expect((await run(['session', 'info'])).stdout).toMatch(/^queue +0 of 1 done, 1 processing$/m);
    expect(await data(['session', 'info'])).toMatchObject({ queueStats: { total: 1, processing: 1 } });
    expect((await run(['task', 'get', taskId])).stdout).toContain(`  - ${sessionId} (working): `);
    expect(await data(['task', 'get', taskId])).toMatchObject({
      sessions: [{ id: sessionId, status: 'working', strategy: 'queue' }],
    });
  });

  it('spawns a worker for its own session, with the reason and the tasks around', async () => {
    const { data, api, projectId, sessionId, taskId } = await begun();
    await api.task(projectId, { title: 'Below', parentId: taskId });
    const spawned = await data([
      ...['session', 'spawn', '--task', taskId, '--name', 'W', '--reason', 'why'],
      '--include-related',
    ]);
    expect(spawned).toMatchObject({ command: 'maestro worker init', cwd: '/tmp' });
    expect(spawned.session).toMatchObject({
      name: 'W',
      role: 'worker',
      spawnSource: 'session',
      spawnedBy: sessionId,
      metadata: { skills: ['maestro-worker'], context: { reason: 'why' } },
    });
    expect(spawned.session.metadata.context.relatedTasks).toMatch(
      /^- Below \(id task_\w+, todo\): a part of/,
    );
  });

  it('spawns what the skill says, or what the role says', async () => {
    const { data, taskId } = await begun();
    const spawn = async (...args: string[]) =>
      (await data(['session', 'spawn', '--task', taskId, ...args])).session;
    const outside = { MAESTRO_SESSION_ID: '' };
    expect(await spawn('--skill', 'maestro-orchestrator')).toMatchObject({ role: 'orchestrator' });
    expect(await spawn('--role', 'orchestrator')).toMatchObject({
      role: 'orchestrator',
      metadata: { skills: ['maestro-orchestrator'] },
    });
    const { session } = await data(['session', 'spawn', '--task', taskId, '--strategy', 'queue'], outside);
    expect(session).toMatchObject({ role: 'worker', strategy: 'queue', spawnSource: 'ui', spawnedBy: null });
  });

  it('spawns for several tasks, in the project of the first one', async () => {
    const { data, api, projectId, taskId } = await begun();
    const other = await api.task(projectId);
    const { session } = await data(['session', 'spawn', '--task', other, '--task', taskId], {
      MAESTRO_PROJECT_ID: '',
    });
    expect(session).toMatchObject({ projectId, taskIds: [other, taskId] });
  });

  it('exits with 2 for a task that is not there, with 5 for a spawn that fails', async () => {
    const failing = await startServer({ MANIFEST_GENERATOR: 'cli', MAESTRO_CLI_PATH: '/bin/false' });
    const projectId = await failing.api.project();
    const taskId = await failing.api.task(projectId);
    const { run } = commands({
      MAESTRO_API_URL: failing.maestro.url,
      MAESTRO_RETRIES: '1',
      MAESTRO_RETRY_DELAY: '1',
    });
    expect((await run(['session', 'spawn', '--task', 'task_x'])).exitCode).toBe(2);
    const told = await run(['session', 'spawn', '--task', taskId, '--json']);
    expect(told).toMatchObject({ exitCode: 5, json: { error: 'manifest_generation_failed' } });
    const sessions = (await failing.api.get('/api/sessions')).body;
    expect(sessions, 'the repeated spawn takes up the first one').toHaveLength(1);
  });
});

describe('maestro queue', () => {
  it('goes through the tasks one by one', async () => {
    const { data, run, api, projectId, taskId } = await begun('queue');
    const second = await api.task(projectId);
    expect(await data(['queue', 'push', second])).toMatchObject({
      item: { taskId: second, status: 'queued' },
    });
    expect(await data(['queue', 'top'])).toMatchObject({ item: { taskId } });
    expect(await data(['queue', 'start'])).toMatchObject({ item: { taskId, status: 'processing' } });
    expect((await run(['queue', 'start'])).exitCode).toBe(1);
    expect(await data(['queue', 'complete'])).toMatchObject({ nextItem: { taskId: second } });
    await data(['queue', 'start']);
    await data(['queue', 'fail', 'no way']);
    const { items } = await data(['queue', 'list']);
    expect(items).toMatchObject([{ status: 'completed' }, { status: 'failed', failReason: 'no way' }]);
    expect(await data(['queue', 'status'])).toMatchObject({ stats: { total: 2, completed: 1, failed: 1 } });
    expect(await data(['queue', 'top'])).toMatchObject({ hasMore: false, item: null });
    expect((await run(['queue', 'skip'])).exitCode).toBe(1);
  });

  it('waits while it is empty, and takes what comes', async () => {
    const { data, start, api, projectId } = await begun('queue');
    await data(['queue', 'skip']);
    const waiting = start(['queue', 'start', '--poll-interval', '0.2']);
    const late = await api.task(projectId);
    await eventually(() => waiting.output().includes('waiting for a task for up to 30 min'), waiting.output);
    await data(['queue', 'push', late]);
    expect(await waiting.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(late) });
    expect(await data(['queue', 'list'])).toMatchObject({ items: [{}, { status: 'processing' }] });
  });

  it('stops waiting after --poll-timeout', async () => {
    const { data } = await begun('queue');
    await data(['queue', 'skip']);
    const empty = await data(['queue', 'start', '--poll-interval', '0.2', '--poll-timeout', '0.01']);
    expect(empty).toMatchObject({ item: null, empty: true });
  });
});
