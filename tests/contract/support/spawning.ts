import { stage, type Stage } from './stage.ts';

/** A project, a task, and what it takes to spawn for it. */
export async function spawning() {
  const own: Stage = stage();
  const { api } = own;
  const projectId = await api.project();
  const taskId = await api.task(projectId);
  const spawn = (more: object = {}, headers: Record<string, string> = {}) =>
    api.post('/api/sessions/spawn', { projectId, taskIds: [taskId], ...more }, headers);
  /** As a terminal host gets to see it. */
  const manifestOf = async (sessionId: string): Promise<any> =>
    (await api.post(`/api/sessions/${sessionId}/claim`, { host: 'contract' })).body.manifest;
  return { ...own, projectId, taskId, spawn, manifestOf };
}
