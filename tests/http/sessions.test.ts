// Sessions as records: creating and finding them.
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';

describe('creating a session', () => {
  it('refuses a project or a task that is not there, and makes nothing then', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    const taskId = await api.task(projectId);
    const create = (body: object) => api.post('/api/sessions', { projectId, taskIds: [], ...body });
    expect((await create({ projectId: 'proj_none' })).body.code).toBe('PROJECT_NOT_FOUND');
    expect((await create({ taskIds: [taskId, 'task_none'] })).body.code).toBe('TASK_NOT_FOUND');
    expect((await api.get('/api/sessions')).body).toEqual([]);
    expect((await api.get(`/api/tasks/${taskId}`)).body.sessionIds).toEqual([]);
    expect((await api.get('/health')).body.counts.supervisors).toBe(0);
  });
});
