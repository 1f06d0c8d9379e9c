import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { commands, eventually } from './command.ts';

describe('maestro watch', () => {
  it('shows the live sessions, then what becomes true, and how to answer what is asked', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    const taskId = await api.task(projectId, { title: 'Prune' });
    const id = await api.session(projectId, [taskId], { name: 'Gardener', strategy: 'queue' });
    const watch = commands({ MAESTRO_API_URL: api.url }).start(['watch']);
    await eventually(() => watch.output().includes(`Gardener\tidle\tqueue\t${id}`), watch.output);

    await api.post(`/api/sessions/${id}/queue/start`);
    await api.post(`/api/sessions/${id}/timeline`, { message: 'Which branch?', type: 'needs_input' });
    const told = [
      `queue:item_started  Gardener (${id})  ${taskId}`,
      'task  Prune  is todo, for its session working',
      `session  Gardener (${id})  is working`,
      `needs_input  Gardener (${id})  Which branch?`,
      `session  Gardener (${id})  waits: maestro session answer ${id} <text>`,
    ];
    for (const line of told) await eventually(() => watch.output().includes(line), watch.output);
    watch.signal('SIGTERM');
    expect((await watch.ended).exitCode).toBe(0);
  });

  it('prints each fact as JSON for programs', async () => {
    const { api } = await startServer();
    const watch = commands({ MAESTRO_API_URL: api.url }).start(['watch', '--json']);
    await eventually(async () => (await api.get('/ws-status')).body.connectedClients === 1);
    const id = await api.project();
    await eventually(() => watch.output().includes(id), watch.output);
    expect(JSON.parse(watch.output().split('\n')[0] ?? '')).toMatchObject({
      type: 'project:created',
      data: { id },
    });
  });
});
