// Prompt templates. One default for each role is made at the first start; it can be edited and reset, not deleted.
import type { Role } from '../domain/session.ts';
import type { Template } from '../domain/template.ts';
import type { Turn } from '../records/turn.ts';

/** A template as shipped. */
export interface ShippedTemplate {
  role: Role;
  name: string;
  content: string;
}

/** Makes the defaults that are missing. */
export function ensureDefaults(turn: Turn, shipped: readonly ShippedTemplate[]): void {
  for (const { role, name, content } of shipped) {
    if (turn.listed('template', `role:${role}`).some(({ isDefault }) => isDefault)) continue;
    const template: Template = {
      id: turn.newId('tmpl'),
      name,
      role,
      content,
      isDefault: true,
      createdAt: turn.at,
      updatedAt: turn.at,
    };
    turn.put('template', template, { quietly: true });
  }
}
