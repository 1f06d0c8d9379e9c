// PATCH of a session: one turn, all or nothing.
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { sessionIn } from '../support/session.ts';

describe('changing a session', () => {
  it('is all or nothing: a task that is not there, or a refused status, leaves everything as it was', async () => {
    const server = await startServer();
    const { api } = server;
    const { projectId, path, patch } = await sessionIn(server, { status: 'working' });
    const taskId = await api.task(projectId);
    const before = (await api.get(path)).body;
    const seq = (await api.get('/health')).body.seq;
    const rest = { name: 'N', env: { A: '1' }, timeline: [{ message: 'm' }], events: [{ type: 'e' }] };
    expect((await patch({ ...rest, status: 'completed', taskIds: [taskId, 'task_none'] })).code).toBe(
      'TASK_NOT_FOUND',
    );
    expect((await patch({ ...rest, status: 'spawning', taskIds: [taskId] })).code).toBe(
      'BUSINESS_RULE_ERROR',
    );
    expect((await patch({ ...rest, timeline: [{ type: 'x' }] })).code).toBe('VALIDATION_ERROR');
    expect((await api.get(path)).body).toEqual(before);
    expect((await api.get(`/api/tasks/${taskId}`)).body.sessionIds).toEqual([]);
    expect((await api.get('/health')).body.seq).toBe(seq);
    // The machine that refused, or was taken back, still goes on from where the record stands.
    expect(await patch({ status: 'idle' })).toMatchObject({ status: 'idle', completedAt: null });
  });
});

describe('the status of a session', () => {
  it('keeps its supervisor only as long as it lives', async () => {
    const server = await startServer();
    const { patch } = await sessionIn(server);
    const supervisors = async () => (await server.api.get('/health')).body.counts.supervisors;
    expect(await supervisors()).toBe(1);
    await patch({ status: 'stopped' });
    await expect.poll(supervisors).toBe(0);
    await patch({ status: 'idle' });
    expect(await supervisors()).toBe(1);
  });
});
