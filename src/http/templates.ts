import type { Router } from 'express';
import {
  changeTemplate,
  createTemplate,
  deleteTemplate,
  resetTemplate,
  shippedFor,
  templateFor,
  templateNotFound,
} from '../catalog/templates.ts';
import * as api from './api/templates.ts';
import type { HttpContext } from './context.ts';
import { roleParam } from './input.ts';
import { sendJson } from './reply.ts';
import { Routes } from './routes.ts';

export function templates({ records, idempotency, shippedTemplates }: HttpContext): Router {
  const routes = new Routes('/api/templates');

  routes.on(api.listTemplates, ({ response }) => sendJson(response, 200, records.all('template')));

  routes.on(api.createTemplate, async ({ request, response, body: draft }) => {
    await idempotency.perform(request, response, {
      act: (keep) => records.turn((turn) => createTemplate(turn, draft), keep),
      reply: (template) => ({ status: 201, body: template }),
    });
  });

  routes.on(api.templateForRole, ({ request, response }) => {
    const role = roleParam(request);
    const template = templateFor(records.listed('template', `role:${role}`));
    if (!template) throw templateNotFound(role);
    sendJson(response, 200, template);
  });

  routes.on(api.shippedTemplate, ({ request, response }) => {
    const { role, content } = shippedFor(shippedTemplates, roleParam(request));
    sendJson(response, 200, { role, content });
  });

  routes.on(api.getTemplate, ({ response, params: { id } }) => {
    const template = records.get('template', id);
    if (!template) throw templateNotFound(id);
    sendJson(response, 200, template);
  });

  routes.on(api.changeTemplate, async ({ response, params: { id }, body: change }) => {
    sendJson(response, 200, await records.turn((turn) => changeTemplate(turn, id, change)));
  });

  routes.on(api.resetTemplate, async ({ request, response, params: { id } }) => {
    await idempotency.perform(request, response, {
      act: (keep) => records.turn((turn) => resetTemplate(turn, id, shippedTemplates), keep),
      reply: (template) => ({ status: 200, body: template }),
    });
  });

  routes.on(api.deleteTemplate, async ({ response, params: { id } }) => {
    await records.turn((turn) => deleteTemplate(turn, id));
    sendJson(response, 200, { success: true, id });
  });

  return routes.router;
}
