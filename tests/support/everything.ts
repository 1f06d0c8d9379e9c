import type { Api } from './api.ts';

/** Makes every fact of the core and of queues happen. */
export async function everything(api: Api): Promise<void> {
  const projectId = await api.project();
  await api.put(`/api/projects/${projectId}`, { name: 'B' });
  const [one, two] = [await api.task(projectId), await api.task(projectId)];
  await api.patch(`/api/tasks/${one}`, { title: 'B' });
  const plain = await api.session(projectId, [one]);
  await api.delete(`/api/sessions/${plain}/tasks/${one}`);
  const { body } = await api.post('/api/sessions/spawn', { projectId, taskIds: [one], strategy: 'queue' });
  const queue = `/api/sessions/${body.sessionId}/queue`;
  await api.post(`${queue}/push`, { taskId: two });
  await api.post(`${queue}/start`);
  await api.post(`${queue}/complete`);
  await api.post(`${queue}/skip`);
  await api.post(`${queue}/push`, { taskId: await api.task(projectId) });
  await api.post(`${queue}/start`);
  await api.post(`${queue}/fail`);
  for (const kind of ['sessions', 'tasks'])
    for (const { id } of (await api.get(`/api/${kind}?projectId=${projectId}`)).body)
      await api.delete(`/api/${kind}/${id}`);
  await api.delete(`/api/projects/${projectId}`);
}
