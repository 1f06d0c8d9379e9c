// Queues of sessions that end, and reports that come after.
import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';
import { queueIn } from '../support/queue.ts';

describe('the queue of a session that ends', () => {
  it('fails the item in work with a reason that says so; what waits stays, and a resume goes on with it', async () => {
    const { tasks, move, state, to, listen } = await queueIn(stage(), 2);
    await move('start');
    const watch = await listen('?topics=queue');
    await to('stopped');
    const failed = await watch.fact('queue:item_failed');
    expect(failed.data).toMatchObject({ taskId: tasks[0], reason: expect.stringMatching(/session ended/) });
    expect((await state()).stats).toMatchObject({ failed: 1, queued: 1, processing: 0 });
    await to('working');
    expect((await move('start')).body.item.taskId).toBe(tasks[1]);
  });

  it('refuses start and skip with 422, and takes a push', async () => {
    const { api, projectId, move, to } = await queueIn(stage());
    await to('completed');
    for (const name of ['start', 'skip']) {
      const { status, body } = await move(name);
      expect([status, body.code, body.details.state]).toEqual([422, 'BUSINESS_RULE_ERROR', 'completed']);
    }
    expect((await move('push', { taskId: await api.task(projectId) })).status).toBe(200);
    expect((await move('complete')).status).toBe(400);
  });

  it('takes no late report once another item is in work: then it is that one which is meant', async () => {
    const { tasks, move, state, to } = await queueIn(stage(), 2);
    await move('start');
    await to('stopped');
    await to('working');
    await move('start');
    expect((await move('complete')).body.completedItem.taskId).toBe(tasks[1]);
    expect((await state()).stats).toMatchObject({ failed: 1, completed: 1 });
    expect((await move('complete')).status).toBe(400);
  });
});
