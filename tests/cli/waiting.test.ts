// A command that waits tells a person on a terminal what for.
import { describe, expect, it } from 'vitest';
import { startProcess } from '../support/server.ts';
import { terminal } from './terminal.ts';
import { isMissing } from './tmux.ts';

async function waiting(words: string[], strategy = 'simple') {
  const { api, folder } = await startProcess();
  const projectId = await api.project();
  const taskId = await api.task(projectId);
  const id = await api.session(projectId, [], { strategy, status: 'working' });
  const environment = { MAESTRO_API_URL: api.url, MAESTRO_SESSION_ID: id };
  return { api, id, taskId, ...terminal(folder, environment, words) };
}

describe.skipIf(isMissing)('on a terminal', () => {
  it('`queue start` tells that the queue is empty, and for how long it waits', async () => {
    const words = ['queue', 'start', '--poll-interval', '0.1', '--poll-timeout', '2'];
    const { api, id, taskId, shows, ended } = await waiting(words, 'queue');
    await shows('The queue is empty; waiting for a task for up to 2 min…');
    await api.post(`/api/sessions/${id}/queue/push`, { taskId });
    expect(await ended()).toBe(0);
  });

  it('`report needs-input --wait` tells how it is answered', async () => {
    const { api, id, shows, ended } = await waiting(['report', 'needs-input', 'Red?', '--wait']);
    await shows(`Waiting for the answer: maestro session answer ${id} <text>`);
    await api.post(`/api/sessions/${id}/answer`, { message: 'green' });
    await shows(/^green$/m);
    expect(await ended()).toBe(0);
  });

  it('`session spawn` tells that the manifest is being made', async () => {
    const { api, folder } = await startProcess();
    const taskId = await api.task(await api.project());
    const words = ['session', 'spawn', '--task', taskId];
    const { screen, ended } = terminal(folder, { MAESTRO_API_URL: api.url }, words);
    expect(await ended()).toBe(0);
    expect(screen()).toContain('The manifest of the session is being made…');
  });
});
