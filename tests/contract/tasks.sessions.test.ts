// What a task has to do with sessions: associations, the timeline, deletion.
import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';

describe('the sessionIds of a task', () => {
  it('change the sessions too, and tell the association facts and task:updated', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const id = await api.task(projectId);
    const [one, two] = [await api.session(projectId, [id]), await api.session(projectId)];
    const watch = await listen();
    const { body } = await api.patch(`/api/tasks/${id}`, { sessionIds: [two, two] });
    expect(body.sessionIds).toEqual([two]);
    expect((await api.get(`/api/sessions/${one}`)).body.taskIds).toEqual([]);
    expect((await api.get(`/api/sessions/${two}`)).body.taskIds).toEqual([id]);
    await watch.fact('task:updated');
    expect(watch.heard.map(({ type, data }) => [type, data.sessionId ?? data.id])).toEqual([
      ['session:task_removed', one],
      ['task:session_removed', one],
      ['session:task_added', two],
      ['task:session_added', two],
      ['task:updated', id],
    ]);
  });

  it('must name sessions that are there; else nothing of the PATCH is applied', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const id = await api.task(projectId);
    const one = await api.session(projectId, [id]);
    const { status, body } = await api.patch(`/api/tasks/${id}`, {
      title: 'changed',
      sessionIds: ['sess_none'],
    });
    expect([status, body.code]).toEqual([404, 'SESSION_NOT_FOUND']);
    expect((await api.get(`/api/tasks/${id}`)).body).toMatchObject({ title: 'A task', sessionIds: [one] });
    expect((await api.get(`/api/sessions/${one}`)).body.taskIds).toEqual([id]);
  });
});

describe('the timeline of a task', () => {
  it("is its session's, with the taskId on the entry", async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [id, sessionId] = [await api.task(projectId), await api.session(projectId)];
    const watch = await listen();
    const { status, body } = await api.post(`/api/tasks/${id}/timeline`, { message: 'half', sessionId });
    expect(status).toBe(200);
    expect(body).toEqual({ success: true, taskId: id, sessionId, message: 'half', type: 'progress' });
    const { timeline } = (await watch.fact('session:updated')).data;
    expect(timeline.at(-1)).toMatchObject({ type: 'progress', message: 'half', taskId: id });
  });

  it('requires a message and a session, refuses unknown types, and knows what is not there', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const [id, sessionId] = [await api.task(projectId), await api.session(projectId)];
    const post = async (body: object, task = id) => {
      const answer = await api.post(`/api/tasks/${task}/timeline`, body);
      return [answer.status, answer.body.code, Object.keys(answer.body.details ?? {})];
    };
    expect(await post({ sessionId })).toEqual([400, 'VALIDATION_ERROR', ['message']]);
    expect(await post({ message: 'm' })).toEqual([400, 'VALIDATION_ERROR', ['sessionId']]);
    expect(await post({ message: 'm', sessionId: '' })).toEqual([400, 'VALIDATION_ERROR', ['sessionId']]);
    expect(await post({ message: 'm', sessionId, type: 'x' })).toEqual([400, 'VALIDATION_ERROR', ['type']]);
    expect((await post({ message: 'm', sessionId: 'sess_none' })).slice(0, 2)).toEqual([404, 'NOT_FOUND']);
    expect((await post({ message: 'm', sessionId }, 'task_none')).slice(0, 2)).toEqual([404, 'NOT_FOUND']);
  });
});

describe('deleting a task', () => {
  it('takes it out of its sessions, moves its children up, and tells task:deleted last', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const top = await api.task(projectId);
    const id = await api.task(projectId, { parentId: top });
    const child = await api.task(projectId, { parentId: id });
    const session = await api.session(projectId, [id]);
    const watch = await listen();
    expect((await api.delete(`/api/tasks/${id}`)).body).toEqual({ success: true, id });
    expect((await watch.fact('task:deleted')).data).toEqual({ id });
    expect(watch.types).toEqual([
      'session:task_removed',
      'task:session_removed',
      'task:updated',
      'task:deleted',
    ]);
    expect(watch.heard[0]?.data).toEqual({ sessionId: session, taskId: id });
    expect(watch.heard[2]?.data).toMatchObject({ id: child, parentId: top });
    expect((await api.get(`/api/tasks/${id}`)).status).toBe(404);
    expect((await api.get(`/api/sessions/${session}`)).body.taskIds).toEqual([]);
    expect((await api.delete(`/api/tasks/${id}`)).body.code).toBe('TASK_NOT_FOUND');
  });

  it('is not to be read any more when its association facts arrive', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const id = await api.task(projectId);
    await api.session(projectId, [id]);
    const watch = await listen(`?projectId=${projectId}`);
    const seen = new Promise<number>((resolve) =>
      watch.socket.once('message', () => void api.get(`/api/tasks/${id}`).then((a) => resolve(a.status))),
    );
    await api.delete(`/api/tasks/${id}`);
    expect(await seen).toBe(404);
  });

  it('skips its waiting items, and fails the one in work with that reason', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [first, second, third] = [
      await api.task(projectId),
      await api.task(projectId),
      await api.task(projectId),
    ];
    const id = await api.session(projectId, [first, second, third], { strategy: 'queue' });
    await api.post(`/api/sessions/${id}/queue/start`);
    const watch = await listen('?topics=queue');
    await api.delete(`/api/tasks/${second}`);
    await api.delete(`/api/tasks/${first}`);
    const failed = await watch.fact('queue:item_failed');
    expect(failed.data).toMatchObject({ taskId: first, reason: expect.stringMatching(/deleted/) });
    expect((await watch.fact('queue:item_skipped')).data).toMatchObject({ taskId: second });
    const { body } = await api.get(`/api/sessions/${id}/queue`);
    expect(body.queue.items.map(({ status }: { status: string }) => status)).toEqual([
      'failed',
      'skipped',
      'queued',
    ]);
    expect(body.queue.currentIndex).toBe(-1);
    await watch.fact('task:deleted', ({ data }) => data.id === first);
    expect(watch.types.at(-1)).toBe('task:deleted');
    expect(watch.heard.filter(({ type, data }) => type === 'task:updated' && data.id !== third)).toEqual([]);
  });
});
