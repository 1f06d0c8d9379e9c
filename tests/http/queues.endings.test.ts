// Queues of sessions that end, and reports that come after.
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { queueIn } from '../support/queue.ts';

describe('the queue of a session that ends', () => {
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
});
