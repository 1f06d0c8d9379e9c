import { z } from 'zod';
import { Role } from '../../domain/session.ts';
import { TemplateChange, TemplateDraft } from '../../domain/template.ts';
import { endpoint } from './endpoint.ts';
import { Deleted, TemplateView } from './views.ts';

export const listTemplates = endpoint({
  method: 'get',
  path: '/api/templates',
  summary: 'All templates, oldest first',
  answers: { 200: z.array(TemplateView) },
});

export const createTemplate = endpoint({
  method: 'post',
  path: '/api/templates',
  summary: 'Make a template',
  body: TemplateDraft,
  answers: { 201: TemplateView },
  refuses: ['VALIDATION_ERROR'],
  tells: ['template:created'],
});

export const templateForRole = endpoint({
  method: 'get',
  path: '/api/templates/role/{role}',
  summary: "The role's newest custom template, else its default",
  words: { role: Role },
  answers: { 200: TemplateView },
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND'],
});

export const shippedTemplate = endpoint({
  method: 'get',
  path: '/api/templates/default/{role}',
  summary: "The role's template as shipped",
  words: { role: Role },
  answers: { 200: z.object({ role: Role, content: z.string() }) },
  refuses: ['VALIDATION_ERROR'],
});

export const getTemplate = endpoint({
  method: 'get',
  path: '/api/templates/{id}',
  summary: 'One template',
  answers: { 200: TemplateView },
  refuses: ['NOT_FOUND'],
});

export const changeTemplate = endpoint({
  method: 'put',
  path: '/api/templates/{id}',
  summary: 'Change its name or content; the role is fixed',
  body: TemplateChange,
  answers: { 200: TemplateView },
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND'],
  tells: ['template:updated'],
});

export const resetTemplate = endpoint({
  method: 'post',
  path: '/api/templates/{id}/reset',
  summary: 'Content (and, for a default, the name) as shipped',
  answers: { 200: TemplateView },
  refuses: ['NOT_FOUND'],
  tells: ['template:updated'],
});

export const deleteTemplate = endpoint({
  method: 'delete',
  path: '/api/templates/{id}',
  summary: 'Delete a custom template',
  answers: { 200: Deleted },
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND'],
  tells: ['template:deleted'],
});
