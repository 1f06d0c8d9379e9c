import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../support/server.ts';
import { agentCommand } from './agent.ts';
import { commands, eventually, type Running } from './command.ts';

/** A server process, a project with a task, and hosts whose agents are the given program. */
async function begun(source: string, more: Record<string, string> = {}) {
  const server = await startProcess(more);
  const { api, folder } = server;
  const projectId = await api.project(folder);
  const taskId = await api.task(projectId);
  const maestro = commands(
    { MAESTRO_API_URL: api.url, MAESTRO_AGENT_CMD: agentCommand(folder, source) },
    folder,
  );
  const host = async (...args: string[]): Promise<Running> => {
    const running = maestro.start(['host', ...args]);
    await eventually(() => running.output().includes('connected'), running.output);
    return running;
  };
  const spawn = async (order: object = {}): Promise<string> =>
    (await api.post('/api/sessions/spawn', { projectId, taskIds: [taskId], ...order })).body.sessionId;
  const ended = (id: string, status: string, told: () => string) =>
    eventually(async () => (await api.get(`/api/sessions/${id}`)).body.status === status, told);
  const crashAndRestart = async () => {
    await server.kill();
    await startProcess({ ...more, PORT: new URL(api.url).port }, folder);
  };
  return { ...server, ...maestro, projectId, taskId, host, spawn, ended, crashAndRestart };
}

/** Notes its start in a file; each line is one agent. */
const noted = `
  require('node:fs').appendFileSync(process.env.HOME + '/starts', process.env.MAESTRO_SESSION_ID + '\\n');
  console.log('begun');
  setTimeout(() => {}, Number(process.env.AGENT_MS ?? 0));`;

const starts = (folder: string): string[] =>
  existsSync(join(folder, 'starts')) ? readFileSync(join(folder, 'starts'), 'utf8').trim().split('\n') : [];

describe('maestro host', () => {
  it('starts what is spawned, with its output in a log, and sees it end', async () => {
    const { host, spawn, ended, folder } = await begun(noted);
    const running = await host();
    const id = await spawn();
    await ended(id, 'completed', running.output);
    await eventually(() => running.output().includes(`${id} ended: exit code 0`), running.output);
    expect(readFileSync(join(folder, 'sessions', id, 'agent.log'), 'utf8')).toContain('begun');
    expect(starts(folder)).toEqual([id]);
  });

  it('starts what was spawned before it came', async () => {
    const { host, spawn, ended } = await begun(noted);
    const id = await spawn();
    const running = await host('--json');
    await ended(id, 'completed', running.output);
    const events = running
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect(events.slice(0, 2)).toEqual(['connected', 'started']);
  });

  it('shares the spawns with other hosts, through a crash of the server, each started once', async () => {
    const { host, spawn, ended, folder, crashAndRestart } = await begun(noted);
    const [one, other] = await Promise.all([host(), host()]);
    const before = await Promise.all([spawn(), spawn(), spawn()]);
    await crashAndRestart();
    const after = await Promise.all([spawn(), spawn()]);
    const told = () => one.output() + other.output();
    for (const id of [...before, ...after]) await ended(id, 'completed', told);
    expect(starts(folder).sort()).toEqual([...before, ...after].sort());
  });

  it('leaves its agents running when it is stopped, and says so', async () => {
    const { host, spawn, ended, folder } = await begun(noted.replace('?? 0', '?? 3000'));
    const running = await host();
    const id = await spawn();
    await eventually(() => starts(folder).length === 1, running.output);
    running.signal('SIGINT');
    expect((await running.ended).exitCode).toBe(0);
    expect(running.output()).toMatch(new RegExp(`${id} is left running: process \\d+`));
    await ended(id, 'completed', running.output);
  });

  it('starts a respawned session anew, in place of an agent that still runs', async () => {
    const { host, spawn, api, folder, ended } = await begun(
      `require('node:fs').appendFileSync(process.env.HOME + '/starts', process.pid + '\\n');
       setTimeout(() => {}, require('node:fs').readFileSync(process.env.HOME + '/starts', 'utf8').split('\\n').length > 2 ? 0 : 60000);`,
    );
    const running = await host();
    const id = await spawn();
    const [first = ''] = await eventually(
      () => starts(folder).length === 1 && starts(folder),
      running.output,
    );
    onTestFinished(() => {
      if (isAlive(Number(first))) process.kill(Number(first));
    });
    await api.patch(`/api/sessions/${id}`, { status: 'failed' });
    expect((await api.post(`/api/sessions/${id}/respawn`)).status).toBe(201);
    await ended(id, 'completed', running.output);
    expect(starts(folder)).toHaveLength(2);
    await eventually(() => !isAlive(Number(first)));
  });

  it('tells the server of an agent that cannot be started', async () => {
    const { host, api, ended } = await begun(noted);
    const running = await host();
    const projectId = await api.project('/nowhere/at/all');
    const taskId = await api.task(projectId);
    const { sessionId } = (await api.post('/api/sessions/spawn', { projectId, taskIds: [taskId] })).body;
    await ended(sessionId, 'failed', running.output);
    const { timeline } = (await api.get(`/api/sessions/${sessionId}`)).body;
    expect(timeline.at(-1).message).toMatch(/\/nowhere\/at\/all is not there/);
  });

  it('takes the spawns of one project only, when --project names it', async () => {
    const { host, spawn, api, projectId, ended, folder } = await begun(noted);
    const running = await host('--project', projectId);
    const foreign = await api.project(folder);
    const foreignTask = await api.task(foreign);
    await api.post('/api/sessions/spawn', { projectId: foreign, taskIds: [foreignTask] });
    const id = await spawn();
    await ended(id, 'completed', running.output);
    expect(starts(folder)).toEqual([id]);
  });

  it('exits with 4 when the server wants a token that it does not have', async () => {
    const { run, folder } = await begun(noted, { MAESTRO_TOKEN: 'secret' });
    expect((await run(['host'], { HOME: join(folder, 'work') })).exitCode).toBe(4);
    expect((await run(['status'], { HOME: join(folder, 'work') })).exitCode).toBe(4);
    expect((await run(['status'])).exitCode, 'the token of ~/.maestro/token').toBe(0);
  });

  it('knows the agents of a host that was killed, starts none twice, and reports the end that init could not', async () => {
    const { host, spawn, ended, api, folder } = await begun(noted.replace('?? 0', '?? 60000'));
    const first = await host();
    const [dying, living] = [await spawn(), await spawn()];
    await eventually(() => starts(folder).length === 2, first.output);
    const init = (id: string): number => recordOf(folder, id).process.pid;
    onTestFinished(() => endGroup(init(living)));
    first.signal('SIGKILL');
    await first.ended;
    endGroup(init(dying));

    const second = await host();
    await ended(dying, 'failed', second.output);
    expect(second.output()).toContain(`${living} was started by an earlier host`);
    const { timeline } = (await api.get(`/api/sessions/${dying}`)).body;
    expect(timeline.map(({ message }: any) => message)).toContainEqual(
      expect.stringMatching(/The agent is gone/),
    );
    expect(starts(folder)).toHaveLength(2);
    const before = init(living);
    expect(isAlive(before)).toBe(true);

    await api.patch(`/api/sessions/${living}`, { status: 'failed' });
    await api.post(`/api/sessions/${living}/respawn`);
    await eventually(() => starts(folder).length === 3, second.output);
    await eventually(() => !isAlive(before), second.output);
  });

  it('takes no other process for its agent that has the same id', async () => {
    const { host, spawn, ended, folder } = await begun(noted.replace('?? 0', '?? 60000'));
    const first = await host();
    const id = await spawn();
    await ended(id, 'working', first.output);
    first.signal('SIGKILL');
    await first.ended;
    const record = recordOf(folder, id);
    endGroup(record.process.pid);
    record.process = { pid: process.pid, born: 'another time' };
    writeFileSync(join(folder, 'sessions', id, 'agent.json'), JSON.stringify(record));
    const second = await host();
    await ended(id, 'failed', second.output);
  });
});

const recordOf = (folder: string, id: string): any =>
  JSON.parse(readFileSync(join(folder, 'sessions', id, 'agent.json'), 'utf8'));

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it is gone.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // ESRCH: it is gone.
    return false;
  }
}
