// The data of each fact of a plain connection; that of session:spawn stands with the spawn.
import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';

describe('the data of a fact', () => {
  it('of a project is the project; of its deletion the id alone', async () => {
    const { api, listen } = stage();
    const watch = await listen();
    const created = (await api.post('/api/projects', { name: 'A', description: 'D' })).body;
    const path = `/api/projects/${created.id}`;
    const updated = (await api.put(path, { workingDir: '/w' })).body;
    await api.delete(path);
    await watch.fact('project:deleted');
    expect(watch.heard.map(({ type, data }) => [type, data])).toEqual([
      ['project:created', created],
      ['project:updated', updated],
      ['project:deleted', { id: created.id }],
    ]);
  });

  it('of a task is the task; of its deletion the id alone', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const watch = await listen();
    const created = (
      await api.post('/api/tasks', { projectId, title: 'T', metadata: { a: [1] }, model: 'opus' })
    ).body;
    const path = `/api/tasks/${created.id}`;
    const updated = (await api.patch(path, { status: 'in_progress' })).body;
    await api.delete(path);
    await watch.fact('task:deleted');
    expect(watch.heard.map(({ type, data }) => [type, data])).toEqual([
      ['task:created', created],
      ['task:updated', updated],
      ['task:deleted', { id: created.id }],
    ]);
  });

  it('of a session is the whole session; of its deletion the id alone', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const watch = await listen();
    const created = (await api.post('/api/sessions', { projectId, taskIds: [], env: { A: '1' } })).body;
    const path = `/api/sessions/${created.id}`;
    const said = (await api.post(`${path}/timeline`, { message: 'm' })).body;
    const hooked = (await api.post(`${path}/events`, { type: 'e', data: { x: 1 } })).body;
    const moved = (await api.patch(path, { status: 'completed' })).body;
    await api.delete(path);
    await watch.fact('session:deleted');
    expect(watch.heard.map(({ type, data }) => [type, data])).toEqual([
      ['session:created', created],
      ['session:updated', said],
      ['session:updated', hooked],
      ['session:updated', moved],
      ['session:deleted', { id: created.id }],
    ]);
  });

  it('of an association is the two ids, told from both sides and without any :updated', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [taskId, sessionId] = [await api.task(projectId), await api.session(projectId)];
    const path = `/api/sessions/${sessionId}/tasks/${taskId}`;
    const watch = await listen();
    await api.post(path);
    await api.delete(path);
    await api.patch(`/api/tasks/${taskId}`, { sessionIds: [sessionId] });
    await watch.fact('task:updated');
    const told = watch.heard.map(({ type, data }) => [type, data]);
    for (const [, data] of told.slice(0, 6)) expect(data).toEqual({ taskId, sessionId });
    expect(told.slice(0, 4).map(([type]) => type)).toEqual([
      'session:task_added',
      'task:session_added',
      'session:task_removed',
      'task:session_removed',
    ]);
    expect(
      told
        .slice(4, 6)
        .map(([type]) => type)
        .sort(),
    ).toEqual(['session:task_added', 'task:session_added']);
    expect(watch.types.slice(6)).toEqual(['task:updated']);
  });

  it('of a queue is its session and the queue; of a move the item, and why it failed', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const tasks = [await api.task(projectId), await api.task(projectId), await api.task(projectId)];
    const [one, two, three] = tasks;
    const watch = await listen('?topics=queue');
    const sessionId = await api.session(projectId, [one ?? '', two ?? ''], { strategy: 'queue' });
    const path = `/api/sessions/${sessionId}/queue`;
    const { queue } = (await api.get(path)).body;
    expect((await watch.fact('queue:created')).data).toEqual({ sessionId, queue });

    const { item } = (await api.post(`${path}/push`, { taskId: three })).body;
    const pushed = await watch.fact('queue:item_pushed');
    expect(pushed.data).toEqual({ sessionId, taskId: three, item });
    const started = (await api.post(`${path}/start`)).body.item;
    expect((await watch.fact('queue:item_started')).data).toEqual({ sessionId, taskId: one, item: started });
    const { failedItem } = (await api.post(`${path}/fail`, { reason: 'no luck' })).body;
    expect((await watch.fact('queue:item_failed')).data).toEqual({
      sessionId,
      taskId: one,
      item: failedItem,
      reason: 'no luck',
    });
    const { skippedItem } = (await api.post(`${path}/skip`)).body;
    expect((await watch.fact('queue:item_skipped')).data).toEqual({
      sessionId,
      taskId: two,
      item: skippedItem,
    });
    await api.post(`${path}/start`);
    const { completedItem } = (await api.post(`${path}/complete`)).body;
    expect((await watch.fact('queue:item_completed')).data).toEqual({
      sessionId,
      taskId: three,
      item: completedItem,
    });
    const ended = (await api.get(path)).body.queue;
    const last = await watch.fact('queue:updated', ({ data }) => data.queue.items[2].status === 'completed');
    expect(last.data).toEqual({ sessionId, queue: ended });
  });
});
