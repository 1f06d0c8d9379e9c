import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';
import { queueIn } from '../support/queue.ts';

const at = expect.any(Number);

describe('reading a queue', () => {
  it('gives the queue, its items and stats, and the first item that waits', async () => {
    const { api, id, tasks, queue } = await queueIn(stage());
    const items = tasks.map((taskId) => ({ taskId, status: 'queued', addedAt: at }));
    const stats = { total: 2, queued: 2, processing: 0, completed: 0, failed: 0, skipped: 0 };
    expect((await api.get(queue)).body).toEqual({
      queue: { sessionId: id, strategy: 'queue', items, currentIndex: -1, createdAt: at, updatedAt: at },
      stats,
    });
    expect((await api.get(`${queue}/items`)).body).toEqual({ items, stats });
    expect((await api.get(`${queue}/top`)).body).toEqual({ hasMore: true, item: items[0] });
  });

  it('says that nothing waits', async () => {
    const { api, queue } = await queueIn(stage(), 0);
    expect((await api.get(`${queue}/top`)).body).toEqual({
      hasMore: false,
      item: null,
      message: expect.any(String),
    });
  });

  it.each([
    ['GET', ''],
    ['GET', '/items'],
    ['GET', '/top'],
    ['POST', '/start'],
    ['POST', '/complete'],
    ['POST', '/fail'],
    ['POST', '/skip'],
  ])(
    'is, like every move, 400 without a queue strategy and 404 without a session (%s %s)',
    async (method, below) => {
      const { api } = stage();
      const projectId = await api.project();
      const simple = await api.session(projectId);
      const wrong = await api.send(method, `/api/sessions/${simple}/queue${below}`);
      expect([wrong.status, wrong.body.code]).toEqual([400, 'VALIDATION_ERROR']);
      const missing = await api.send(method, `/api/sessions/sess_none/queue${below}`);
      expect([missing.status, missing.body.code]).toEqual([404, 'NOT_FOUND']);
    },
  );
});

describe('a move', () => {
  it.each([
    ['start', {}, 'item', 'processing', 'working', 'task_started', 'queue:item_started'],
    ['complete', {}, 'completedItem', 'completed', 'completed', 'task_completed', 'queue:item_completed'],
    ['fail', { reason: 'no' }, 'failedItem', 'failed', 'failed', 'task_failed', 'queue:item_failed'],
    ['skip', {}, 'skippedItem', 'skipped', 'skipped', 'task_skipped', 'queue:item_skipped'],
  ])('%s changes item, task and timeline in one, and tells it', async (...row) => {
    const [name, body, field, status, sessionStatus, entry, fact] = row;
    const { api, tasks, id, move, state, session, listen } = await queueIn(stage());
    if (name !== 'start') await move('start');
    const watch = await listen('?topics=queue');
    const answer = await move(name, body);
    expect([answer.status, answer.body.success, answer.body.hasMore]).toEqual([200, true, true]);
    const item = answer.body[field];
    expect(item).toMatchObject({ taskId: tasks[0], status, startedAt: at });
    if (name !== 'start')
      expect(answer.body).toMatchObject({ nextItem: { taskId: tasks[1] }, [field]: { completedAt: at } });

    const { queue } = await state();
    expect(queue).toMatchObject({ currentIndex: name === 'start' ? 0 : -1, items: [item, {}] });
    expect((await api.get(`/api/tasks/${tasks[0]}`)).body.sessionStatus).toBe(sessionStatus);
    const whole = await session();
    expect(whole.timeline.at(-1)).toMatchObject({ type: entry, taskId: tasks[0] });

    await watch.fact('queue:updated');
    expect(watch.types).toEqual([fact, 'task:updated', 'session:updated', 'queue:updated']);
    const reason = name === 'fail' ? { reason: 'no' } : {};
    expect(watch.heard.map(({ data }) => data)).toEqual([
      { sessionId: id, taskId: tasks[0], item, ...reason },
      (await api.get(`/api/tasks/${tasks[0]}`)).body,
      whole,
      { sessionId: id, queue },
    ]);
    if (name === 'fail') expect(item.failReason).toBe('no');
  });

  it('goes strictly first in, first out', async () => {
    const { tasks, move } = await queueIn(stage(), 3);
    for (const [index, taskId] of tasks.entries()) {
      const started = (await move('start')).body;
      expect([started.item.taskId, started.hasMore]).toEqual([taskId, index < 2]);
      const { completedItem, nextItem, hasMore } = (await move('complete')).body;
      expect([completedItem.taskId, nextItem?.taskId, hasMore]).toEqual([
        taskId,
        tasks[index + 1],
        index < 2,
      ]);
    }
    expect((await move('start')).body).toEqual({
      success: true,
      item: null,
      empty: true,
      hasMore: false,
      message: expect.any(String),
    });
  });

  it('start is refused while an item is in work, whether or not others wait', async () => {
    for (const size of [1, 2]) {
      const { tasks, move } = await queueIn(stage(), size);
      await move('start');
      const { status, body } = await move('start');
      expect([status, body.message]).toEqual([400, `Already processing task ${tasks[0]}`]);
    }
  });

  it('start puts exactly one item in work when five come at once', async () => {
    const { move, state } = await queueIn(stage(), 5);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => move('start')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400]);
    expect((await state()).stats).toMatchObject({ processing: 1, queued: 4 });
  });

  it.each(['idle', 'spawning', 'working'])('start makes a session work that is %s', async (status) => {
    const { move, session } = await queueIn(stage(), 1, { status });
    await move('start');
    expect((await session()).status).toBe('working');
  });

  it('complete and fail need an item in work; skip takes the first that waits, if any', async () => {
    const { tasks, move } = await queueIn(stage(), 1);
    for (const name of ['complete', 'fail']) expect((await move(name)).status).toBe(400);
    const { skippedItem, nextItem, hasMore } = (await move('skip')).body;
    expect([skippedItem.taskId, nextItem, hasMore]).toEqual([tasks[0], null, false]);
    expect(skippedItem).not.toHaveProperty('startedAt');
    expect((await move('skip')).status).toBe(400);
  });

  it('fail without a reason gives one', async () => {
    const { move } = await queueIn(stage());
    await move('start');
    expect((await move('fail')).body.failedItem.failReason).toMatch(/\w/);
  });

  it('closes an open question', async () => {
    const { api, path, move, session } = await queueIn(stage());
    await move('start');
    await api.post(`${path}/timeline`, { type: 'needs_input', message: 'Which?' });
    await move('complete');
    expect((await session()).needsInput).toEqual({ active: false });
  });
});

describe('a push', () => {
  it('puts a task at the end; it joins the session too', async () => {
    const { api, projectId, id, move, state, session, listen } = await queueIn(stage(), 1);
    const taskId = await api.task(projectId);
    const watch = await listen('?topics=queue');
    const { status, body } = await move('push', { taskId });
    expect([status, body]).toEqual([200, { success: true, item: { taskId, status: 'queued', addedAt: at } }]);
    expect((await state()).queue.items.at(-1)).toEqual(body.item);
    expect((await session()).taskIds.at(-1)).toBe(taskId);
    await watch.fact('queue:updated');
    expect(watch.types).toEqual([
      'session:task_added',
      'task:session_added',
      'queue:item_pushed',
      'task:updated',
      'session:updated',
      'queue:updated',
    ]);
    expect((await watch.fact('task:updated')).data).toMatchObject({
      sessionStatus: 'queued',
      sessionIds: [id],
    });
  });

  it('is 400 without a taskId or for a task that is in the queue, 404 for one that is not there', async () => {
    const { tasks, move } = await queueIn(stage());
    expect((await move('push')).body.details).toEqual({ taskId: 'is required' });
    const twice = await move('push', { taskId: tasks[0] });
    expect([twice.status, twice.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    const unknown = await move('push', { taskId: 'task_none' });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});
