import { z } from 'zod';
import { Id } from './ids.ts';
import { Milliseconds } from './fields.ts';
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
