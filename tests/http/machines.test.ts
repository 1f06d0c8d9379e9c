// The machines over HTTP: their charts, and where those of a session stand.
import { describe, expect, it } from 'vitest';
import { queueIn } from '../support/queue.ts';
import { sessionIn } from '../support/session.ts';
import { startProcess, startServer } from '../support/server.ts';
import { startStage } from './spawning.ts';

const events = (standing: { next: { event: string; to: string | null }[] }): string[] =>
  standing.next.map(({ event, to }) => (to === null ? event : `${event} → ${to}`));

describe('the charts', () => {
  it('are listed, and each is shown with the literal that it was made from', async () => {
    const { api } = await startServer();
    const { body } = await api.get('/api/machines');
    expect(body.map(({ id }: { id: string }) => id)).toEqual(['session', 'queue']);
    const one = (await api.get('/api/machines/session')).body;
    expect(one).toMatchObject({ ...body[0], config: { id: 'session', initial: 'restoring' } });
    expect(Object.keys(one.config.states)).toContain('spawning');
  });

  it('that are not there are NOT_FOUND, and the answer says which are', async () => {
    const { api } = await startServer();
    const { status, body } = await api.get('/api/machines/tasks');
    expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    expect(body.message).toContain('session and queue');
  });
});

describe('the state of a session', () => {
  it('tells what is possible next, and the way it took', async () => {
    const on = await startServer();
    const { id, path, patch, say } = await sessionIn(on);
    expect(events((await on.api.get(`${path}/state`)).body)).toEqual([
      'session.work → working.active',
      'session.idle',
      'session.complete → completed',
      'session.fail → failed',
      'session.stop → stopped',
    ]);
    await patch({ status: 'working' });
    await say({ type: 'needs_input', message: 'blue?' });
    const asking = (await on.api.get(`${path}/state`)).body;
    expect(asking).toMatchObject({ id, machine: 'session', value: 'working.needsInput', tags: ['live'] });
    expect(events(asking)).toContain('session.answer → working.active');
    await on.api.post(`${path}/answer`, { message: 'yes' });
    await patch({ status: 'completed' });
    const { value, since, history, queue } = (await on.api.get(`${path}/state`)).body;
    expect(history.map(({ event, from, to }: any) => `${from} ${event} ${to}`)).toEqual([
      'idle session.work working.active',
      'working.active session.ask working.needsInput',
      'working.needsInput session.answer working.active',
      'working.active session.complete completed',
    ]);
    expect([value, since, queue]).toEqual(['completed', history.at(-1).at, null]);
  });

  it('offers no answer where nothing is asked, and no respawn of what was not spawned', async () => {
    const on = await startServer();
    const { path } = await sessionIn(on, { status: 'failed' });
    expect(events((await on.api.get(`${path}/state`)).body)).toEqual([
      'session.work → working.active',
      'session.idle → idle',
      'session.complete → completed',
      'session.fail',
      'session.stop → stopped',
    ]);
  });

  it('survives kill -9, its way too', async () => {
    const { api, folder, kill } = await startProcess();
    const { path, patch } = await sessionIn({ api });
    await patch({ status: 'working' });
    const before = (await api.get(`${path}/state`)).body;
    expect(before.history).toHaveLength(1);
    await kill();
    const again = await startProcess({}, folder);
    expect((await again.api.get(`${path}/state`)).body).toEqual(before);
  });

  it('of a spawn says that it can be claimed', async () => {
    const { api, spawn } = await startStage();
    const { sessionId } = (await spawn()).body;
    const state = (await api.get(`/api/sessions/${sessionId}/state`)).body;
    expect(state.value).toBe('spawning.awaitingAgent.expected');
    expect(events(state)).toContain('session.claim');
    expect(state.history.map(({ to }: any) => to)).toEqual(['spawning.awaitingAgent.expected']);
  });

  it('is SESSION_NOT_FOUND when it is not there', async () => {
    const { api } = await startServer();
    const { status, body } = await api.get('/api/sessions/sess_none/state');
    expect([status, body.code]).toEqual([404, 'SESSION_NOT_FOUND']);
  });

  it('shows its queue too; in an ended session nothing is started', async () => {
    const on = await startServer();
    const { path, move, to } = await queueIn(on);
    const queue = async () => (await on.api.get(`${path}/state`)).body.queue;
    expect(await queue()).toMatchObject({ machine: 'queue', value: 'waiting' });
    expect(events(await queue())).toEqual(['queue.start → processing', 'queue.skip', 'queue.push']);
    await move('start');
    expect(events(await queue())).toEqual([
      'queue.complete → waiting',
      'queue.fail → waiting',
      'queue.skip → waiting',
      'queue.push',
    ]);
    await to('stopped');
    expect(events(await queue())).toEqual(['queue.complete', 'queue.fail', 'queue.push']);
  });
});

describe('a list of sessions to look at', () => {
  it('leaves out what grows, and shows the last that was said', async () => {
    const on = await startServer();
    const { id, path, say } = await sessionIn(on, { env: { A: 'b' } });
    await say({ message: 'half way' });
    const [whole] = (await on.api.get('/api/sessions')).body;
    const [summary] = (await on.api.get('/api/sessions?view=summary')).body;
    const { timeline, events, env, ...rest } = whole;
    expect([events, env]).toEqual([[], { A: 'b' }]);
    expect(summary).toEqual({ ...rest, entries: 2, last: timeline[1], since: rest.startedAt, queue: null });
    expect(summary).toMatchObject({ id, last: { message: 'half way' } });
    expect((await on.api.get(`/api/sessions/${id}?view=summary`)).body).toEqual(summary);
    expect((await on.api.get(path)).body).not.toHaveProperty('moves');
  });
});
