import { z } from 'zod';
import { Id } from './ids.ts';
import { TEXT_LENGTH } from './bounds.ts';
import { Label, Milliseconds, text } from './fields.ts';
import { Role } from './session.ts';

/** The record, as in `templates/{id}.json`: a role's prompt, in Markdown. */
export const Template = z.object({
  id: Id,
  name: z.string(),
  role: Role,
  content: z.string(),
  isDefault: z.boolean().default(false),
  createdAt: Milliseconds,
  updatedAt: Milliseconds,
});
export type Template = z.infer<typeof Template>;

export const TemplateDraft = z.object({
  name: Label,
  role: Role,
  content: text(TEXT_LENGTH).min(1, 'must not be empty'),
});
export type TemplateDraft = z.infer<typeof TemplateDraft>;

/** The role is fixed. */
export const TemplateChange = z.object({
  name: Label.optional(),
  content: text(TEXT_LENGTH).min(1, 'must not be empty').optional(),
});
export type TemplateChange = z.infer<typeof TemplateChange>;
