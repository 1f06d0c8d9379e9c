import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProcess } from '../support/server.ts';
import { agentCommand } from './agent.ts';
import { commands, eventually } from './command.ts';
import { isMissing, tmuxServer } from './tmux.ts';

/** A server, and hosts inside tmux whose agents are the given program. */
async function begun(source: string) {
  const server = await startProcess();
  const { api, folder } = server;
  const workingDir = join(folder, "a b#{pane_id}'%Y;");
  mkdirSync(workingDir);
  const { tmux, variable } = tmuxServer(folder);
  const windows = () =>
    tmux('list-windows', '-a', '-F', '#{window_name}')
      .split('\n')
      .filter((name) => name.startsWith('agent-'));
  const projectId = await api.project(workingDir);
  const taskId = await api.task(projectId);
  const maestro = commands(
    { MAESTRO_API_URL: api.url, MAESTRO_AGENT_CMD: agentCommand(folder, source), TMUX: variable },
    folder,
  );
  const host = async () => {
    const running = maestro.start(['host']);
    await eventually(() => running.output().includes('connected'), running.output);
    return running;
  };
  const spawn = async (): Promise<string> =>
    (await api.post('/api/sessions/spawn', { projectId, taskIds: [taskId] })).body.sessionId;
  const session = async (id: string) => (await api.get(`/api/sessions/${id}`)).body;
  const reached = (id: string, status: string, told: () => string) =>
    eventually(async () => (await session(id)).status === status, told);
  const logOf = (id: string) => {
    const path = join(folder, 'sessions', id, 'agent.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  return { ...server, tmux, windows, workingDir, host, spawn, session, reached, logOf };
}

describe.skipIf(isMissing)('maestro host inside tmux', () => {
  it('runs each agent in a window of its own, where one can type, with its output in the log too', async () => {
    const { host, spawn, reached, tmux, windows, logOf, workingDir } = await begun(`
      console.log('begun in', JSON.stringify(process.cwd()), String(process.stdin.isTTY));
      process.stdin.once('data', (text) => { console.log('told ' + text); process.exit(); });`);
    const running = await host();
    const id = await spawn();
    await eventually(() => logOf(id).includes('begun'), running.output);
    expect(logOf(id)).toContain(`begun in ${JSON.stringify(workingDir)} true`);
    expect(windows()).toEqual([`agent-${id.slice(-8)}`]);
    tmux('send-keys', '-t', `:agent-${id.slice(-8)}`, 'hello', 'Enter');
    await reached(id, 'completed', running.output);
    await eventually(() => running.output().includes(`${id} ended: `), running.output);
    expect(logOf(id)).toContain('told hello');
    await eventually(() => windows().length === 0);
  });

  it('keeps a window whose agent ended after the host was killed, and the next host goes on', async () => {
    const { host, spawn, reached, logOf, windows, folder } = await begun(`
      console.log('begun');
      const look = setInterval(() => { if (require('node:fs').existsSync(process.env.HOME + '/end')) process.exit(3); }, 50);`);
    const first = await host();
    const id = await spawn();
    await eventually(() => logOf(id).includes('begun'), first.output);
    first.signal('SIGKILL');
    await first.ended;
    mkdirSync(join(folder, 'end'));
    await reached(id, 'failed', first.output);
    expect(windows(), 'it stays until a host has seen it').toHaveLength(1);
    const later = await host();
    const other = await spawn();
    await reached(other, 'failed', later.output);
    await eventually(() => later.output().includes(`${other} ended: `), later.output);
  });

  it('sees a window that somebody has closed, and ends the window of a respawned session', async () => {
    const { host, spawn, reached, tmux, windows, logOf, api } = await begun(
      "console.log('begun'); setInterval(() => {}, 1000);",
    );
    const running = await host();
    const id = await spawn();
    await eventually(() => logOf(id).includes('begun'), running.output);
    tmux('kill-window', '-t', `:agent-${id.slice(-8)}`);
    await reached(id, 'failed', running.output);
    await eventually(() => running.output().includes(`${id} ended`), running.output);
    for (const times of [2, 3]) {
      await api.patch(`/api/sessions/${id}`, { status: 'failed' });
      expect((await api.post(`/api/sessions/${id}/respawn`)).status).toBe(201);
      await eventually(() => logOf(id).match(/begun/g)?.length === times, running.output);
      expect(windows()).toHaveLength(1);
    }
  });
});
