// What commands ask of a server: as little as they need.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { agentCommand } from './agent.ts';
import { commands, eventually } from './command.ts';
import { record, type Asked } from './recorder.ts';

/** A server with a project and a session of it, and commands whose requests are recorded. */
async function begun(session: object = {}) {
  const server = await startServer();
  const { api, folder } = server;
  const projectId = await api.project(folder);
  const taskId = await api.task(projectId);
  const id = await api.session(projectId, [], { status: 'working', ...session });
  const recorder = await record(server.maestro.url);
  const ids = { MAESTRO_PROJECT_ID: projectId, MAESTRO_SESSION_ID: id };
  const maestro = commands({ MAESTRO_API_URL: recorder.url, ...ids }, folder);
  return { ...server, ...maestro, ...recorder, projectId, taskId, id };
}

const isOfSessions = ({ method, path }: Asked) =>
  method === 'GET' && /^\/api\/sessions(\/[^/?]+)?(\?|$)/.test(path);

describe('a command that shows a few fields of sessions', () => {
  it('asks for summaries: what it receives does not grow with a timeline', async () => {
    const { api, run, start, asked, id, taskId, projectId, folder } = await begun();
    await api.post(`/api/sessions/${id}/tasks/${taskId}`);
    const words = 'what was said '.repeat(1_000);
    const timeline = Array.from({ length: 40 }, () => ({ message: words }));
    await api.patch(`/api/sessions/${id}`, { timeline });
    await api.post('/api/sessions/spawn', { projectId, taskIds: [taskId] });

    for (const each of [['status'], ['session', 'list'], ['task', 'get', taskId], ['session', 'register']])
      expect((await run(each)).exitCode, each.join(' ')).toBe(0);
    const watch = start(['watch']);
    await eventually(() => watch.output().includes(id), watch.output);
    const host = start(['host'], { MAESTRO_AGENT_CMD: agentCommand(folder, '') });
    await eventually(() => host.output().includes('ended: exit code 0'), host.output);

    const ofSessions = asked.filter(isOfSessions);
    expect(ofSessions.length).toBeGreaterThan(6);
    expect(ofSessions.filter(({ path }) => !path.includes('view=summary'))).toEqual([]);
    // The newest entry is part of a summary.
    for (const { bytes, path } of ofSessions) expect(bytes, path).toBeLessThan(words.length + 8_192);
  });

  it('shows the newest entry of each', async () => {
    const { api, run, data, id } = await begun({ name: 'Gardener' });
    await api.post(`/api/sessions/${id}/timeline`, { message: 'The hedge is cut' });
    expect((await run(['session', 'list'])).stdout).toMatch(/\tGardener\t.*\tThe hedge is cut$/m);
    expect(await data(['session', 'list'])).toMatchObject([{ id, entries: 2 }]);
  });

  it('needs no whole session to wait for an answer, but once for the answer itself', async () => {
    const { api, start, asked, id } = await begun();
    const waiting = start(['report', 'needs-input', 'Red?', '--wait']);
    await eventually(() => asked.some(isOfSessions), waiting.output);
    await api.post(`/api/sessions/${id}/answer`, { message: 'green' });
    expect(await waiting.ended).toMatchObject({ exitCode: 0, stdout: 'green' });
    const whole = asked.filter(isOfSessions).filter(({ path }) => !path.includes('view=summary'));
    expect(whole).toHaveLength(1);
  });
});

/** All that the journal holds, as one text. */
const journalIn = (folder: string): string => {
  const journal = join(folder, 'data', 'journal');
  return readdirSync(journal)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => readFileSync(join(journal, name), 'latin1').replace(/\0+$/, ''))
    .join('');
};

describe('`queue start` on an empty queue', () => {
  it('writes nothing at the server while it waits, however long', async () => {
    const { api, start, asked, folder, id } = await begun({ strategy: 'queue' });
    const waiting = start(['queue', 'start', '--poll-interval', '0.1', '--poll-timeout', '0']);
    const looks = () => asked.filter(({ path }) => path.endsWith('/queue/top')).length;
    await eventually(() => looks() > 1, waiting.output);
    const before = { journal: journalIn(folder), seq: (await api.get('/health')).body.seq };
    await eventually(() => looks() > 10, waiting.output);
    expect({ journal: journalIn(folder), seq: (await api.get('/health')).body.seq }).toEqual(before);
    expect(asked.filter(({ method }) => method !== 'GET')).toEqual([
      { method: 'POST', path: `/api/sessions/${id}/queue/start`, bytes: expect.any(Number) },
    ]);
  });

  it('hears of a task that is pushed, long before it would look', async () => {
    const { api, start, asked, id, taskId } = await begun({ strategy: 'queue' });
    const waiting = start(['queue', 'start', '--poll-interval', '3600', '--json']);
    // It looks once when it has connected.
    await eventually(() => asked.some(({ path }) => path.endsWith('/queue/top')), waiting.output);
    await api.post(`/api/sessions/${id}/queue/push`, { taskId });
    expect((await waiting.ended).json).toMatchObject({ success: true, data: { item: { taskId } } });
    expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  it('finds a pushed task where no WebSocket gets through', async () => {
    const { api, start, asked, refuseUpgrades, id, taskId } = await begun({ strategy: 'queue' });
    refuseUpgrades();
    const waiting = start(['queue', 'start', '--poll-interval', '0.2', '--json']);
    await eventually(() => asked.some(({ path }) => path.endsWith('/queue/top')), waiting.output);
    await api.post(`/api/sessions/${id}/queue/push`, { taskId });
    expect((await waiting.ended).json).toMatchObject({ success: true, data: { item: { taskId } } });
  });

  it.each([
    ['ends', (api: any, id: string) => api.patch(`/api/sessions/${id}`, { status: 'stopped' }), 1],
    ['is deleted', (api: any, id: string) => api.delete(`/api/sessions/${id}`), 2],
  ])('ends with what the server says when its session %s', async (_name, end, exitCode) => {
    const { api, start, asked, id } = await begun({ strategy: 'queue' });
    const waiting = start(['queue', 'start', '--poll-interval', '3600']);
    await eventually(() => asked.some(({ path }) => path.endsWith('/queue/top')), waiting.output);
    await end(api, id);
    expect((await waiting.ended).exitCode).toBe(exitCode);
  });
});
