import { Router } from 'express';
import { changeProject, createProject, deleteProject } from '../catalog/projects.ts';
import { MaestroError } from '../domain/errors.ts';
import { ProjectChange, ProjectDraft } from '../domain/project.ts';
import type { HttpContext } from './context.ts';
import { param, read } from './input.ts';
import { sendJson } from './reply.ts';

export function projects({ records, idempotency }: HttpContext): Router {
  const router = Router();

  router.get('/', (_request, response) => sendJson(response, 200, records.all('project')));

  router.post('/', async (request, response) => {
    const draft = read(ProjectDraft, request);
    await idempotency.perform(request, response, {
      act: (keep) => records.turn((turn) => createProject(turn, draft), keep),
      reply: (project) => ({ status: 201, body: project }),
    });
  });

  router.get('/:id', (request, response) => {
    const id = param(request, 'id');
    const project = records.get('project', id);
    if (!project) throw new MaestroError('PROJECT_NOT_FOUND', `Project ${id} not found`, { projectId: id });
    sendJson(response, 200, project);
  });

  router.put('/:id', async (request, response) => {
    const change = read(ProjectChange, request);
    sendJson(response, 200, await records.turn((turn) => changeProject(turn, param(request, 'id'), change)));
  });

  router.delete('/:id', async (request, response) => {
    const id = param(request, 'id');
    await records.turn((turn) => deleteProject(turn, id));
    sendJson(response, 200, { success: true, id });
  });

  return router;
}
