import type { Router } from 'express';
import * as api from './api/skills.ts';
import type { HttpContext } from './context.ts';
import { roleParam } from './input.ts';
import { sendJson } from './reply.ts';
import { Routes } from './routes.ts';

/** Read from disk at every call: a reload has nothing more to do than any other read. */
export function skills({ skills: library }: HttpContext): Router {
  const routes = new Routes('/api/skills');

  routes.on(api.listSkills, async ({ response }) => sendJson(response, 200, await library.list()));

  routes.on(api.skillsForRole, async ({ request, response }) =>
    sendJson(response, 200, await library.forRole(roleParam(request))),
  );

  routes.on(api.getSkill, async ({ response, params: { id } }) =>
    sendJson(response, 200, await library.get(id)),
  );

  routes.on(api.reloadSkill, async ({ response, params: { id } }) =>
    sendJson(response, 200, { ...(await library.get(id)), reloaded: true }),
  );

  return routes.router;
}
