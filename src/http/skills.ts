import { Router } from 'express';
import type { HttpContext } from './context.ts';
import { param, roleParam } from './input.ts';
import { sendJson } from './reply.ts';

/** Read from disk at every call: a reload has nothing more to do than any other read. */
export function skills({ skills: library }: HttpContext): Router {
  const router = Router();

  router.get('/', async (_request, response) => sendJson(response, 200, await library.list()));

  router.get('/role/:role', async (request, response) =>
    sendJson(response, 200, await library.forRole(roleParam(request))),
  );

  router.get('/:id', async (request, response) =>
    sendJson(response, 200, await library.get(param(request, 'id'))),
  );

  router.post('/:id/reload', async (request, response) => {
    const skill = await library.get(param(request, 'id'));
    sendJson(response, 200, { ...skill, reloaded: true });
  });

  return router;
}
