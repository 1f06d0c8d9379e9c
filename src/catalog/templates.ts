// Prompt templates. One default for each role is made at the first start; it can be edited and reset, not deleted.
// Each function that takes a turn is the work of that turn.
import { invalid, MaestroError } from '../domain/errors.ts';
import type { Role } from '../domain/session.ts';
import type { Template, TemplateChange, TemplateDraft } from '../domain/template.ts';
import type { Turn } from '../records/turn.ts';
import type { DefaultTemplate } from './default-templates.ts';

/** @throws NOT_FOUND. */
function templateIn(turn: Turn, id: string): Template {
  const template = turn.find('template', id);
  if (!template) throw templateNotFound(id);
  return template;
}

export const templateNotFound = (id: string): MaestroError =>
  new MaestroError('NOT_FOUND', `Template ${id} not found`, { templateId: id });

/** The template that a role's sessions get: its newest custom one, else its default. */
export const templateFor = (ofRole: readonly Template[]): Template | undefined =>
  [...ofRole].sort((a, b) => Number(a.isDefault) - Number(b.isDefault) || b.createdAt - a.createdAt)[0];

/** The role's template as shipped. */
export function shippedFor(shipped: readonly DefaultTemplate[], role: Role): DefaultTemplate {
  const found = shipped.find((each) => each.role === role);
  if (!found) throw new Error(`no template is shipped for ${role}`);
  return found;
}

/** Makes the defaults that are missing. */
export function ensureDefaults(turn: Turn, shipped: readonly DefaultTemplate[]): void {
  for (const draft of shipped) {
    const ofRole = turn.listed('template', `role:${draft.role}`);
    if (!ofRole.some(({ isDefault }) => isDefault)) make(turn, draft, true);
  }
}

export const createTemplate = (turn: Turn, draft: TemplateDraft): Template => make(turn, draft, false);

function make(turn: Turn, { name, role, content }: TemplateDraft, isDefault: boolean): Template {
  const id = turn.newId('tmpl');
  const template: Template = { id, name, role, content, isDefault, createdAt: turn.at, updatedAt: turn.at };
  // The defaults are there from the first start on: nobody watches yet.
  turn.put('template', template, { quietly: isDefault });
  return template;
}

/** @throws NOT_FOUND. */
export function changeTemplate(turn: Turn, id: string, change: TemplateChange): Template {
  const template: Template = { ...templateIn(turn, id), ...change, updatedAt: turn.at };
  turn.put('template', template);
  return template;
}

/** The content, and for a default the name, go back to what was shipped for the role. @throws NOT_FOUND. */
export function resetTemplate(turn: Turn, id: string, shipped: readonly DefaultTemplate[]): Template {
  const { role, isDefault } = templateIn(turn, id);
  const { name, content } = shippedFor(shipped, role);
  return changeTemplate(turn, id, isDefault ? { name, content } : { content });
}

/** @throws NOT_FOUND; VALIDATION_ERROR for a default. */
export function deleteTemplate(turn: Turn, id: string): void {
  if (templateIn(turn, id).isDefault)
    throw invalid('a default template cannot be deleted; reset it instead', { id: 'is a default template' });
  turn.drop('template', id);
}
