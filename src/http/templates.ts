import { Router } from 'express';
import {
  changeTemplate,
  createTemplate,
  deleteTemplate,
  resetTemplate,
  shippedFor,
  templateFor,
  templateNotFound,
} from '../catalog/templates.ts';
import { TemplateChange, TemplateDraft } from '../domain/template.ts';
import type { HttpContext } from './context.ts';
import { param, read, roleParam } from './input.ts';
import { sendJson } from './reply.ts';

export function templates({ records, idempotency, shippedTemplates }: HttpContext): Router {
  const router = Router();

  router.get('/', (_request, response) => sendJson(response, 200, records.all('template')));

  router.post('/', async (request, response) => {
    const draft = read(TemplateDraft, request);
    await idempotency.perform(request, response, {
      act: (keep) => records.turn((turn) => createTemplate(turn, draft), keep),
      reply: (template) => ({ status: 201, body: template }),
    });
  });

  router.get('/role/:role', (request, response) => {
    const role = roleParam(request);
    const template = templateFor(records.listed('template', `role:${role}`));
    if (!template) throw templateNotFound(role);
    sendJson(response, 200, template);
  });

  router.get('/default/:role', (request, response) => {
    const { role, content } = shippedFor(shippedTemplates, roleParam(request));
    sendJson(response, 200, { role, content });
  });

  router.get('/:id', (request, response) => {
    const id = param(request, 'id');
    const template = records.get('template', id);
    if (!template) throw templateNotFound(id);
    sendJson(response, 200, template);
  });

  router.put('/:id', async (request, response) => {
    const change = read(TemplateChange, request);
    sendJson(response, 200, await records.turn((turn) => changeTemplate(turn, param(request, 'id'), change)));
  });

  router.post('/:id/reset', async (request, response) => {
    const id = param(request, 'id');
    await idempotency.perform(request, response, {
      act: (keep) => records.turn((turn) => resetTemplate(turn, id, shippedTemplates), keep),
      reply: (template) => ({ status: 200, body: template }),
    });
  });

  router.delete('/:id', async (request, response) => {
    const id = param(request, 'id');
    await records.turn((turn) => deleteTemplate(turn, id));
    sendJson(response, 200, { success: true, id });
  });

  return router;
}
