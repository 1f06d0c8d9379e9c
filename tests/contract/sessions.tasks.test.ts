// Sessions and tasks are two views of one relation; and a session that goes leaves its tasks.
import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';

describe('associating a task with a session', () => {
  it('changes both sides and tells only its two facts; doing it twice changes nothing the second time', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [taskId, id] = [await api.task(projectId), await api.session(projectId)];
    const watch = await listen();
    const first = await api.post(`/api/sessions/${id}/tasks/${taskId}`);
    expect([first.status, first.body.taskIds]).toEqual([200, [taskId]]);
    expect(first.body.timeline.at(-1)).toMatchObject({ taskId });
    expect((await api.get(`/api/tasks/${taskId}`)).body.sessionIds).toEqual([id]);
    expect((await api.post(`/api/sessions/${id}/tasks/${taskId}`)).body).toEqual(first.body);
    const removed = await api.delete(`/api/sessions/${id}/tasks/${taskId}`);
    expect(removed.body.taskIds).toEqual([]);
    expect(removed.body.timeline.at(-1)).toMatchObject({ taskId });
    expect((await api.delete(`/api/sessions/${id}/tasks/${taskId}`)).body).toEqual(removed.body);
    expect((await api.get(`/api/tasks/${taskId}`)).body.sessionIds).toEqual([]);
    await watch.fact('task:session_removed');
    expect(watch.types).toEqual([
      'session:task_added',
      'task:session_added',
      'session:task_removed',
      'task:session_removed',
    ]);
    expect(watch.heard[0]?.data).toEqual({ sessionId: id, taskId });
  });

  it('is 404 NOT_FOUND for a session or task that is not there', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const [taskId, id] = [await api.task(projectId), await api.session(projectId)];
    for (const path of [`sess_none/tasks/${taskId}`, `${id}/tasks/task_none`]) {
      for (const method of ['POST', 'DELETE']) {
        const { status, body } = await api.send(method, `/api/sessions/${path}`);
        expect([method, status, body.code]).toEqual([method, 404, 'NOT_FOUND']);
      }
    }
  });

  it('of a task that is there but not in the session changes nothing when it is undone', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const [taskId, id] = [await api.task(projectId), await api.session(projectId)];
    const before = (await api.get(`/api/sessions/${id}`)).body;
    const { status, body } = await api.delete(`/api/sessions/${id}/tasks/${taskId}`);
    expect([status, body]).toEqual([200, before]);
  });

  it('does not push to the queue of a queue session', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const id = await api.session(projectId, [], { strategy: 'queue' });
    await api.post(`/api/sessions/${id}/tasks/${await api.task(projectId)}`);
    expect((await api.get(`/api/sessions/${id}/queue`)).body.stats.total).toBe(0);
  });

  it('when undone skips the item of a queue session, if it waits or is in work', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const [one, two] = [await api.task(projectId), await api.task(projectId)];
    const id = await api.session(projectId, [one, two], { strategy: 'queue' });
    await api.post(`/api/sessions/${id}/queue/start`);
    for (const taskId of [two, one]) await api.delete(`/api/sessions/${id}/tasks/${taskId}`);
    const { queue, stats } = (await api.get(`/api/sessions/${id}/queue`)).body;
    expect([stats.skipped, queue.currentIndex]).toEqual([2, -1]);
    expect((await api.get(`/api/tasks/${one}`)).body).toMatchObject({
      sessionStatus: 'skipped',
      sessionIds: [],
    });
  });
});

describe('deleting a session', () => {
  it('leaves its tasks, takes its queue along, and tells session:deleted last', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [one, two] = [await api.task(projectId), await api.task(projectId)];
    const id = await api.session(projectId, [one, two], { strategy: 'queue' });
    const watch = await listen('?topics=all');
    expect((await api.delete(`/api/sessions/${id}`)).body).toEqual({ success: true, id });
    expect((await watch.fact('session:deleted')).data).toEqual({ id });
    expect(watch.heard.map(({ type, data }) => [type, data.taskId])).toEqual([
      ['session:task_removed', one],
      ['task:session_removed', one],
      ['session:task_removed', two],
      ['task:session_removed', two],
      ['session:deleted', undefined],
    ]);
    expect((await api.get(`/api/sessions/${id}`)).body.code).toBe('SESSION_NOT_FOUND');
    expect((await api.get(`/api/sessions/${id}/queue`)).body.code).toBe('NOT_FOUND');
    expect((await api.get(`/api/tasks/${one}`)).body.sessionIds).toEqual([]);
    expect((await api.delete(`/api/sessions/${id}`)).status).toBe(404);
    expect((await api.delete(`/api/projects/${projectId}`)).body.message).toMatch(/2 existing task\(s\)/);
  });

  it('is not to be read any more when its association facts arrive', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const id = await api.session(projectId, [await api.task(projectId)]);
    const watch = await listen(`?projectId=${projectId}`);
    const seen = new Promise<number>((resolve) =>
      watch.socket.once('message', () => void api.get(`/api/sessions/${id}`).then((a) => resolve(a.status))),
    );
    await api.delete(`/api/sessions/${id}`);
    expect(await seen).toBe(404);
  });

  it('keeps a project with sessions from being deleted', async () => {
    const { api } = stage();
    const projectId = await api.project();
    await api.session(projectId);
    expect((await api.delete(`/api/projects/${projectId}`)).body).toMatchObject({
      code: 'PROJECT_HAS_DEPENDENCIES',
      message: 'Cannot delete project with 1 existing session(s)',
    });
  });
});
