import type { Router } from 'express';
import { changeProject, createProject, deleteProject } from '../catalog/projects.ts';
import { MaestroError } from '../domain/errors.ts';
import * as api from './api/projects.ts';
import type { HttpContext } from './context.ts';
import { sendJson, sendRecords } from './reply.ts';
import { Routes } from './routes.ts';

export function projects({ records, idempotency }: HttpContext): Router {
  const routes = new Routes('/api/projects');

  routes.on(api.listProjects, ({ response }) => sendRecords(response, records.all('project')));

  routes.on(api.createProject, async ({ request, response, body: draft }) => {
    await idempotency.perform(request, response, {
      act: (keep) => records.turn((turn) => createProject(turn, draft), keep),
      reply: (project) => ({ status: 201, body: project }),
    });
  });

  routes.on(api.getProject, ({ response, params: { id } }) => {
    const project = records.get('project', id);
    if (!project) throw new MaestroError('PROJECT_NOT_FOUND', `Project ${id} not found`, { projectId: id });
    sendJson(response, 200, project);
  });

  routes.on(api.changeProject, async ({ response, params: { id }, body: change }) => {
    sendJson(response, 200, await records.turn((turn) => changeProject(turn, id, change)));
  });

  routes.on(api.deleteProject, async ({ response, params: { id } }) => {
    await records.turn((turn) => deleteProject(turn, id));
    sendJson(response, 200, { success: true, id });
  });

  return routes.router;
}
