import { z } from 'zod';
import { Id } from './ids.ts';
import { TEXT_LENGTH } from './bounds.ts';
import { Label, Milliseconds, Path, text } from './fields.ts';

/** The record, as in `projects/{id}.json`. */
export const Project = z.object({
  id: Id,
  name: z.string(),
  workingDir: z.string().default(''),
  description: z.string().default(''),
  createdAt: Milliseconds,
  updatedAt: Milliseconds,
});
export type Project = z.infer<typeof Project>;

/** What a client gives to make one. `workingDir` is text, not checked to exist. */
export const ProjectDraft = z.object({
  name: Label,
  workingDir: Path.default(''),
  description: text(TEXT_LENGTH).default(''),
});
export type ProjectDraft = z.infer<typeof ProjectDraft>;

export const ProjectChange = z.object({
  name: Label.optional(),
  workingDir: Path.optional(),
  description: text(TEXT_LENGTH).optional(),
});
export type ProjectChange = z.infer<typeof ProjectChange>;
