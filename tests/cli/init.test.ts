import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { binFolder } from '../../src/platform/package.ts';
import { startServer } from '../support/server.ts';
import { agentCommand } from './agent.ts';
import { commands, eventually } from './command.ts';

/** A spawned session that awaits its agent, and the environment in which its command is started. */
async function spawned(order: object = {}, task: object = {}) {
  const server = await startServer();
  const { folder } = server;
  const projectId = await server.api.project(folder);
  const taskId = await server.api.task(projectId, { title: 'T', priority: 'high', ...task });
  const { body } = await server.api.post('/api/sessions/spawn', { projectId, taskIds: [taskId], ...order });
  const maestro = commands({ ...body.envVars, MAESTRO_API_URL: server.maestro.url }, folder);
  const session = async () => (await server.api.get(`/api/sessions/${body.sessionId}`)).body;
  const sessionStatus = async () => (await server.api.get(`/api/tasks/${taskId}`)).body.sessionStatus;
  const agent = (source: string) => ({ MAESTRO_AGENT_CMD: agentCommand(folder, source) });
  return { ...server, ...maestro, ...body, projectId, taskId, session, sessionStatus, agent };
}

describe('maestro worker init', () => {
  it('tells that the session works, runs the agent in the working directory, and tells that it is done', async () => {
    const { run, session, sessionStatus, agent, folder, taskId, projectId, sessionId } = await spawned(
      {},
      { acceptanceCriteria: ['it works'], dependencies: ['task_x'] },
    );
    const source = `
      const { needed } = { needed: JSON.parse(maestro('session', 'info', '--json')).data.status };
      require('node:fs').writeFileSync('seen.json', JSON.stringify({ status: needed, cwd: process.cwd(), env: process.env }));`;
    const { exitCode, stdout } = await run(['worker', 'init'], agent(source));
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });

    const seen = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8'));
    expect(seen).toMatchObject({ status: 'working', cwd: folder });
    expect(seen.env).toMatchObject({
      MAESTRO_SESSION_ID: sessionId,
      MAESTRO_PROJECT_ID: projectId,
      MAESTRO_TASK_IDS: taskId,
      MAESTRO_ROLE: 'worker',
      MAESTRO_STRATEGY: 'simple',
      MAESTRO_TASK_TITLE: 'T',
      MAESTRO_TASK_PRIORITY: 'high',
      MAESTRO_TASK_ACCEPTANCE: '["it works"]',
      MAESTRO_TASK_DEPENDENCIES: '["task_x"]',
    });
    expect(JSON.parse(seen.env.MAESTRO_ALL_TASKS)).toMatchObject([{ id: taskId, title: 'T' }]);
    expect(seen.env.PATH.split(delimiter)[0]).toBe(binFolder);
    expect((await session()).status).toBe('completed');
    expect(await sessionStatus()).toBe('working');
  });

  it('tells that it has failed, with the exit code, and exits with that', async () => {
    const { run, session, agent } = await spawned();
    expect((await run(['worker', 'init'], agent('process.exit(7)'))).exitCode).toBe(7);
    const { status, timeline } = await session();
    expect(status).toBe('failed');
    expect(timeline.at(-1)).toMatchObject({ type: 'error', message: 'The agent ended with exit code 7' });
  });

  it('leaves alone what the agent has reported itself', async () => {
    const { run, session, agent } = await spawned();
    const told = await run(
      ['worker', 'init'],
      agent("maestro('report', 'complete', 'done'); process.exit(1)"),
    );
    expect(told.exitCode).toBe(1);
    const { status, timeline } = await session();
    expect(status).toBe('completed');
    expect(timeline.some(({ type }: any) => type === 'error')).toBe(false);
  });

  it('passes signals on to the agent, and tells which one ended it', async () => {
    const { start, session, agent } = await spawned();
    const running = start(['worker', 'init'], agent("console.log('up'); setInterval(() => {}, 1000)"));
    await eventually(() => running.output().includes('up'), running.output);
    running.signal('SIGTERM');
    expect((await running.ended).exitCode).toBe(143);
    const { status, timeline } = await session();
    expect(status).toBe('failed');
    expect(timeline.at(-1)).toMatchObject({ type: 'error', message: 'The agent was ended by SIGTERM' });
  });

  it('exits with 5 when there is no such agent, and the session has failed', async () => {
    const { run, session } = await spawned();
    const { exitCode, stderr } = await run(['worker', 'init'], { MAESTRO_AGENT_CMD: 'no-such-agent' });
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/no-such-agent: there is no such command/);
    expect((await session()).status).toBe('failed');
  });

  it('runs claude with the model of the session and a sentence that sends it to whoami', async () => {
    const { run, folder } = await spawned({ model: 'haiku' });
    const script = '#!/bin/sh\nfor word in "$@"; do echo "[$word]"; done\n';
    writeFileSync(join(folder, 'claude'), script, { mode: 0o755 });
    const { stdout } = await run(['worker', 'init'], {
      PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    });
    expect(stdout).toMatch(/^\[--model\]\n\[haiku\]\n\[.*maestro whoami.*\]$/);
  });

  it('leaves the tasks of a queue to the queue', async () => {
    const { run, sessionStatus, agent } = await spawned({ strategy: 'queue' });
    await run(['worker', 'init'], agent(''));
    expect(await sessionStatus()).toBe('queued');
  });

  it('goes on reporting its end while the server is away', async () => {
    const { start, agent, restart, maestro, sessionId } = await spawned();
    const running = start(['worker', 'init'], agent("console.log('up'); setTimeout(() => {}, 1000)"));
    await eventually(() => running.output().includes('up'), running.output);
    const { port } = new URL(maestro.url);
    const stopped = maestro.close();
    await eventually(async () =>
      fetch(maestro.url).then(
        () => false,
        () => true,
      ),
    );
    await stopped;
    await eventually(() => running.output().includes('no answer from'), running.output);
    const again = await restart({ PORT: port });
    expect((await running.ended).exitCode).toBe(0);
    expect((await again.api.get(`/api/sessions/${sessionId}`)).body.status).toBe('completed');
  });

  it('refuses the manifest of another role, and says so', async () => {
    const { run, session } = await spawned();
    const { exitCode, json } = await run(['orchestrator', 'init', '--json']);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ error: 'WRONG_ROLE', details: { role: 'is worker, must be orchestrator' } });
    expect((await session()).status).toBe('spawning');
  });

  it('refuses an invalid manifest, field by field', async () => {
    const { run, manifestPath } = await spawned();
    const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
    manifest.tasks[0].priority = 'urgent';
    manifest.extra = 1;
    writeFileSync(manifestPath, JSON.stringify(manifest));
    const { exitCode, json } = await run(['worker', 'init', '--json']);
    expect(exitCode).toBe(1);
    expect(Object.keys(json.details).sort()).toEqual(['extra', 'tasks.0.priority']);
  });

  it('refuses to run without a manifest', async () => {
    const { run } = await spawned();
    expect((await run(['worker', 'init'], { MAESTRO_MANIFEST_PATH: '' })).exitCode).toBe(1);
    expect((await run(['worker', 'init'], { MAESTRO_MANIFEST_PATH: '/nowhere' })).stderr).toMatch(
      /\/nowhere/,
    );
  });
});

describe('maestro whoami', () => {
  it('prints the assignment: the template filled in, the commands, the skills', async () => {
    const { run, data, sessionId, taskId } = await spawned({ skills: ['maestro-worker', 'unknown'] });
    const { stdout } = await run(['whoami']);
    expect(stdout).toContain(`Session ${sessionId}`);
    expect(stdout).toContain(`maestro report progress "<what is done, what is next>" --task ${taskId}`);
    expect(stdout).not.toMatch(/\$\{[A-Z_]+\}/);
    expect(stdout).toContain('- `maestro report progress`');
    expect(stdout).not.toContain('- `maestro session spawn`');
    expect(stdout).toContain('Skills without instructions here: unknown');
    const told = await data(['whoami']);
    expect(told).toMatchObject({ role: 'worker', sessionId, tasks: [{ id: taskId }] });
    expect(told.skills).toMatchObject([
      { name: 'maestro-worker', instructions: expect.any(String) },
      { name: 'unknown' },
    ]);
  });

  it('prints the template that the server has, and the shipped one when the server is away', async () => {
    const { run } = await spawned();
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(JSON.stringify({ id: 'tmpl_1', content: 'Changed: {{TASK_TITLE}}' }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const there = await run(['whoami'], { MAESTRO_API_URL: `http://127.0.0.1:${port}` });
    expect(there.stdout).toMatch(/^Changed: T\n/);
    expect(asked).toEqual([expect.stringMatching(/^\/api\/templates\/tmpl_\w+$/)]);
    const away = await run(['whoami'], { MAESTRO_API_URL: 'http://127.0.0.1:59999', MAESTRO_RETRIES: '0' });
    expect(away.stdout).toMatch(/^# You are a worker/);
  });

  it('reads a manifest past a byte order mark, and says what is odd about one that is none', async () => {
    const { run, envVars, folder } = await spawned();
    const path = envVars.MAESTRO_MANIFEST_PATH;
    writeFileSync(path, `\uFEFF${readFileSync(path, 'utf8')}`);
    expect((await run(['whoami'])).exitCode).toBe(0);
    symlinkSync('/dev/zero', join(folder, 'zeros'));
    for (const [name, why] of [
      ['zeros', 'it is not a regular file'],
      ['nothing', 'there is no such file'],
    ] as const) {
      const { json } = await run(['whoami', '--json'], { MAESTRO_MANIFEST_PATH: join(folder, name) });
      expect(json).toMatchObject({ error: 'INVALID_MANIFEST', message: expect.stringContaining(why) });
    }
  });

  it('refuses an agent what its role does not allow, with exit code 4', async () => {
    const { run, taskId } = await spawned();
    const { exitCode, stderr } = await run(['task', 'complete', taskId]);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/`maestro task complete` is not allowed for a worker/);
    expect((await run(['commands', '--check', 'task complete'])).exitCode).toBe(4);
    expect((await run(['commands', '--check', 'report  progress'])).exitCode).toBe(0);
    expect((await run(['commands', '--check', 'no such'])).exitCode).toBe(2);
  });
});
