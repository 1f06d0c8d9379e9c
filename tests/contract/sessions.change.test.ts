// PATCH of a session: one turn, all or nothing.
import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';
import { sessionIn } from '../support/session.ts';

describe('changing a session', () => {
  it('merges env and metadata one level deep, and replaces the rest', async () => {
    const server = stage();
    const { patch } = await sessionIn(server, {
      env: { A: '1', B: '2' },
      metadata: { deep: { x: 1 }, y: 1 },
    });
    const watch = await server.listen();
    const body = await patch({ name: 'N', agentId: 'a', env: { B: '3' }, metadata: { deep: { z: 1 } } });
    expect(body).toMatchObject({ name: 'N', agentId: 'a', env: { A: '1', B: '3' } });
    expect(body.metadata).toEqual({ deep: { z: 1 }, y: 1 });
    expect((await watch.fact('session:updated')).data).toEqual(body);
    expect(await patch({ env: { A: 1 } })).toMatchObject({ code: 'VALIDATION_ERROR', statusCode: 400 });
  });

  it('appends events and timeline entries; an id that is there already is not added twice', async () => {
    const server = stage();
    const { patch } = await sessionIn(server);
    const change = {
      events: [{ id: 'e1', type: 'a', data: { n: 1 } }, { id: 'e1', type: 'b' }, { type: 'c' }],
      timeline: [
        { id: 't1', type: 'milestone', message: 'm', timestamp: 7, metadata: { k: 1 } },
        { message: 'n' },
      ],
    };
    const first = await patch(change);
    expect(first.events).toEqual([
      { id: 'e1', type: 'a', data: { n: 1 }, timestamp: expect.any(Number) },
      { id: expect.stringMatching(/^evt_/), type: 'c', timestamp: expect.any(Number) },
    ]);
    expect(first.timeline.slice(1)).toEqual([
      { id: 't1', type: 'milestone', message: 'm', timestamp: 7, metadata: { k: 1 } },
      { id: expect.any(String), type: 'progress', message: 'n', timestamp: expect.any(Number) },
    ]);
    const again = await patch({ events: change.events.slice(0, 2), timeline: change.timeline.slice(0, 1) });
    expect([again.events, again.timeline]).toEqual([first.events, first.timeline]);
  });

  it('takes null inside an entry, an event or needsInput for not given', async () => {
    const { patch } = await sessionIn(stage(), { status: 'working' });
    const body = await patch({
      timeline: [{ message: 'm', type: null, taskId: null, metadata: null }],
      events: [{ type: 'e', data: null }],
      needsInput: { active: true, message: null },
    });
    expect(Object.keys(body.timeline[1]).sort()).toEqual(['id', 'message', 'timestamp', 'type']);
    expect(Object.keys(body.events[0]).sort()).toEqual(['id', 'timestamp', 'type']);
    expect(body.needsInput).toMatchObject({ active: true });
    expect(body.needsInput).not.toHaveProperty('message');
  });

  it('changes its tasks on both sides', async () => {
    const server = stage();
    const { api } = server;
    const { projectId, id, patch } = await sessionIn(server);
    const [one, two] = [await api.task(projectId), await api.task(projectId)];
    await patch({ taskIds: [one] });
    const watch = await server.listen();
    expect((await patch({ taskIds: [two] })).taskIds).toEqual([two]);
    await watch.fact('session:updated');
    expect(watch.heard.map(({ type, data }) => [type, data.taskId])).toEqual([
      ['session:task_removed', one],
      ['task:session_removed', one],
      ['session:task_added', two],
      ['task:session_added', two],
      ['session:updated', undefined],
    ]);
    expect((await api.get(`/api/tasks/${one}`)).body.sessionIds).toEqual([]);
    expect((await api.get(`/api/tasks/${two}`)).body.sessionIds).toEqual([id]);
  });

  it('moves lastActivity with every change', async () => {
    const server = stage();
    const { path, patch } = await sessionIn(server);
    const { lastActivity, status } = await patch({});
    let now = lastActivity;
    while (now === lastActivity) now = (await patch({ status })).lastActivity;
    expect(now).toBeGreaterThan(lastActivity);
    expect((await server.api.get(path)).body.timeline).toHaveLength(1);
  });
});

describe('the status of a session', () => {
  it.each(['idle', 'working', 'completed', 'failed', 'stopped'])(
    'cannot go from %s to spawning',
    async (from) => {
      const server = stage();
      const { path } = await sessionIn(server, { status: from });
      const { status, body } = await server.api.patch(path, { status: 'spawning' });
      expect(status).toBe(422);
      expect(body).toMatchObject({
        code: 'BUSINESS_RULE_ERROR',
        message: `A session that is ${from} cannot go back to spawning`,
      });
      expect(body.details.state).toBe(from);
      expect(body.details.possible.sort()).toEqual(['completed', 'failed', 'idle', 'stopped', 'working']);
    },
  );

  it('refuses a word that is no status with 400', async () => {
    const server = stage();
    const { patch } = await sessionIn(server);
    expect(await patch({ status: 'asleep' })).toMatchObject({ statusCode: 400, code: 'VALIDATION_ERROR' });
  });

  it('reads running as working', async () => {
    const server = stage();
    const { patch } = await sessionIn(server);
    expect((await patch({ status: 'running' })).status).toBe('working');
  });

  it('ends with completedAt and a session_stopped entry, is corrected, and is resumed', async () => {
    const server = stage();
    const { patch } = await sessionIn(server, { status: 'working' });
    const ended = await patch({ status: 'completed' });
    expect(ended).toMatchObject({ status: 'completed', completedAt: ended.lastActivity });
    expect(ended.timeline.at(-1).type).toBe('session_stopped');

    const corrected = await patch({ status: 'failed' });
    expect(corrected).toMatchObject({ status: 'failed', completedAt: ended.completedAt });
    expect(corrected.timeline.slice(0, -1)).toEqual(ended.timeline);
    expect(corrected.timeline.at(-1).message).toMatch(/corrected/i);

    const resumed = await patch({ status: 'working' });
    expect(resumed).toMatchObject({ status: 'working', completedAt: null });
    expect(resumed.timeline.at(-1).message).toMatch(/resumed/i);
  });

  it('changes nothing but lastActivity when it is the same again', async () => {
    const server = stage();
    for (const status of ['spawning', 'idle', 'working', 'completed', 'failed', 'stopped']) {
      const { path, patch } = await sessionIn(server, { status });
      const before = (await server.api.get(path)).body;
      expect(await patch({ status })).toEqual({ ...before, lastActivity: expect.any(Number) });
    }
  });
});
