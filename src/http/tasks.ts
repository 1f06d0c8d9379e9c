import { Router } from 'express';
import { taskNotFound } from '../actors/refusals.ts';
import { addEntries } from '../actors/sessions.ts';
import { deleteTask, reportTask, updateTask } from '../actors/tasks.ts';
import { createTask } from '../catalog/tasks.ts';
import { invalid, MaestroError } from '../domain/errors.ts';
import { TaskChange, TaskDraft, TaskReport, TaskStatusWord, type Task } from '../domain/task.ts';
import { TimelineDraft } from '../domain/timeline.ts';
import type { HttpContext } from './context.ts';
import { bodyOf, param, queryText, queryWord, read } from './input.ts';
import { asNotFound } from './not-found.ts';
import { sendJson } from './reply.ts';

export function tasks({ records, directory, idempotency }: HttpContext): Router {
  const router = Router();

  router.get('/', (request, response) => {
    const projectId = queryText(request, 'projectId');
    const parentId = queryText(request, 'parentId');
    const status = queryWord(request, 'status', TaskStatusWord);
    const found = candidates(projectId, parentId).filter(
      (task) => status === undefined || task.status === status,
    );
    sendJson(response, 200, found);
  });

  /** Through the narrowest index; `parentId=null` asks for root tasks. */
  function candidates(projectId: string | undefined, parentId: string | undefined): Task[] {
    const parent = parentId === 'null' ? '' : parentId;
    if (projectId !== undefined && parent !== undefined)
      return records.listed('task', `projectParent:${projectId}/${parent}`);
    if (projectId !== undefined) return records.listed('task', `project:${projectId}`);
    if (parent !== undefined) return records.listed('task', `parent:${parent}`);
    return records.all('task');
  }

  router.post('/', async (request, response) => {
    const draft = read(TaskDraft, request);
    await idempotency.perform(request, response, {
      act: (keep) => records.turn((turn) => createTask(turn, draft), keep),
      reply: (task) => ({ status: 201, body: task }),
    });
  });

  const committed = (id: string): Task => {
    const task = records.get('task', id);
    if (!task) throw taskNotFound(id);
    return task;
  };

  router.get('/:id', (request, response) => sendJson(response, 200, committed(param(request, 'id'))));

  router.get('/:id/children', (request, response) => {
    const { id } = committed(param(request, 'id'));
    sendJson(response, 200, records.listed('task', `parent:${id}`));
  });

  router.patch('/:id', async (request, response) => {
    const id = param(request, 'id');
    if (bodyOf(request)['updateSource'] === 'session') {
      const { sessionStatus } = read(TaskReport, request);
      sendJson(response, 200, await records.turn((turn) => reportTask(turn, id, sessionStatus)));
      return;
    }
    const change = read(TaskChange, request);
    sendJson(response, 200, await records.turn((turn) => updateTask(turn, directory, id, change)));
  });

  router.post('/:id/timeline', async (request, response) => {
    const taskId = param(request, 'id');
    const { type, message } = read(TimelineDraft, request);
    const { sessionId } = bodyOf(request);
    if (message === undefined || message === '')
      throw invalid('message is required', { message: 'is required' });
    if (typeof sessionId !== 'string' || sessionId === '')
      throw invalid('sessionId is required', { sessionId: 'is required' });
    await idempotency.perform(request, response, {
      act: (keep) =>
        asNotFound(() =>
          directory.find(sessionId).tell((turn, session) => {
            if (!turn.find('task', taskId)) throw new MaestroError('NOT_FOUND', `Task ${taskId} not found`);
            return addEntries(turn, session, [{ type, message, taskId }]);
          }, keep),
        ),
      reply: () => ({ status: 200, body: { success: true, taskId, sessionId, message, type } }),
    });
  });

  router.delete('/:id', async (request, response) => {
    const id = param(request, 'id');
    await records.turn((turn) => deleteTask(turn, directory, id));
    sendJson(response, 200, { success: true, id });
  });

  return router;
}
