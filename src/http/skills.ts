import type { Router } from 'express';
import * as api from './api/skills.ts';
import type { Skill } from '../catalog/skills.ts';
import type { Keep } from '../records/records.ts';
import type { HttpContext } from './context.ts';
import { roleParam } from './input.ts';
import { sendJson } from './reply.ts';
import { Routes } from './routes.ts';

/** Read from disk at every call: a reload has nothing more to do than any other read. */
export function skills({ skills: library, records, idempotency }: HttpContext): Router {
  const routes = new Routes('/api/skills');

  routes.on(api.listSkills, async ({ response }) => sendJson(response, 200, await library.list()));

  routes.on(api.skillsForRole, async ({ request, response }) =>
    sendJson(response, 200, await library.forRole(roleParam(request))),
  );

  routes.on(api.getSkill, async ({ response, params: { id } }) =>
    sendJson(response, 200, await library.get(id)),
  );

  routes.on(api.reloadSkill, ({ request, response, params: { id } }) =>
    idempotency.perform(request, response, {
      act: async (keep: Keep<Skill>) => {
        const skill = await library.get(id);
        // Nothing is written for a read, but an answer that must be given again is.
        if (request.get('Idempotency-Key') !== undefined) await records.turn((turn) => keep(turn, skill));
        return skill;
      },
      reply: (skill) => ({ status: 200, body: { ...skill, reloaded: true } }),
    }),
  );

  return routes.router;
}
