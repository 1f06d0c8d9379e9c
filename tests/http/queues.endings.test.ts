// Queues of sessions that end, and reports that come after.
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';
import { queueIn } from './queueing.ts';

describe('the queue of a session that ends', () => {
  it('fails the item in work with a reason that says so; what waits stays, and a resume goes on with it', async () => {
    const { api, tasks, move, state, to } = await queueIn(await startServer(), 2);
    await move('start');
    const watch = await Watch.open(api.url, '?topics=queue');
    await to('stopped');
    const failed = await watch.fact('queue:item_failed');
    expect(failed.data).toMatchObject({ taskId: tasks[0], reason: expect.stringMatching(/session ended/) });
    expect((await state()).stats).toMatchObject({ failed: 1, queued: 1, processing: 0 });
    await to('working');
    expect((await move('start')).body.item.taskId).toBe(tasks[1]);
  });

  it('refuses start and skip with 422, and takes a push', async () => {
    const { api, projectId, move, to } = await queueIn(await startServer());
    await to('completed');
    for (const name of ['start', 'skip']) {
      const { status, body } = await move(name);
      expect([status, body.code, body.details.state]).toEqual([422, 'BUSINESS_RULE_ERROR', 'completed']);
    }
    expect((await move('push', { taskId: await api.task(projectId) })).status).toBe(200);
    expect((await move('complete')).status).toBe(400);
  });

  it.each([
    ['complete', 'completed'],
    ['fail', 'failed'],
  ])(
    'still takes %s of the item that failed only because of that, also after a restart',
    async (name, status) => {
      const server = await startServer();
      const { move, tasks, queue, to } = await queueIn(server, 1);
      await move('start');
      await to('stopped');
      const { api } = await server.restart();
      const { body } = await api.post(`${queue}/${name}`, { reason: 'really' });
      expect(Object.values(body)).toContainEqual(expect.objectContaining({ taskId: tasks[0], status }));
      expect((await api.get(`/api/tasks/${tasks[0]}`)).body.sessionStatus).toBe(status);
      expect((await api.post(`${queue}/${name}`)).status).toBe(400);
    },
  );

  it('takes no late report once another item is in work: then it is that one which is meant', async () => {
    const { tasks, move, state, to } = await queueIn(await startServer(), 2);
    await move('start');
    await to('stopped');
    await to('working');
    await move('start');
    expect((await move('complete')).body.completedItem.taskId).toBe(tasks[1]);
    expect((await state()).stats).toMatchObject({ failed: 1, completed: 1 });
    expect((await move('complete')).status).toBe(400);
  });
});
