import type { Router } from 'express';
import { taskNotFound } from '../actors/refusals.ts';
import { addEntries } from '../actors/sessions.ts';
import { deleteTask, reportTask, updateTask } from '../actors/tasks.ts';
import { createTask } from '../catalog/tasks.ts';
import { MaestroError } from '../domain/errors.ts';
import { TaskChange, TaskReport, type Task } from '../domain/task.ts';
import * as api from './api/tasks.ts';
import type { HttpContext } from './context.ts';
import { bodyOf, read } from './input.ts';
import { asNotFound } from './not-found.ts';
import { sendJson, sendRecords } from './reply.ts';
import { Routes } from './routes.ts';

export function tasks({ records, directory, idempotency }: HttpContext): Router {
  const routes = new Routes('/api/tasks');

  routes.on(api.listTasks, ({ response, query: { projectId, parentId, status } }) => {
    const found = candidates(projectId, parentId).filter(
      (task) => status === undefined || task.status === status,
    );
    return sendRecords(response, found);
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

  routes.on(api.createTask, async ({ request, response, body: draft }) => {
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

  routes.on(api.getTask, ({ response, params: { id } }) => sendJson(response, 200, committed(id)));

  routes.on(api.listChildren, ({ response, params }) => {
    const { id } = committed(params.id);
    return sendRecords(response, records.listed('task', `parent:${id}`));
  });

  routes.on(api.changeTask, async ({ request, response, params: { id } }) => {
    if (bodyOf(request)['updateSource'] === 'session') {
      const { sessionStatus } = read(TaskReport, request);
      sendJson(response, 200, await records.turn((turn) => reportTask(turn, id, sessionStatus)));
      return;
    }
    const change = read(TaskChange, request);
    sendJson(response, 200, await records.turn((turn) => updateTask(turn, directory, id, change)));
  });

  routes.on(api.reportOnTask, async ({ request, response, params: { id: taskId }, body }) => {
    const { type, message, sessionId } = body;
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

  routes.on(api.deleteTask, async ({ response, params: { id } }) => {
    await records.turn((turn) => deleteTask(turn, directory, id));
    sendJson(response, 200, { success: true, id });
  });

  return routes.router;
}
