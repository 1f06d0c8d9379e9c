import { z } from 'zod';
import { Id } from './ids.ts';
import { Label, Milliseconds } from './fields.ts';

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
  workingDir: z.string().default(''),
  description: z.string().default(''),
});
export type ProjectDraft = z.infer<typeof ProjectDraft>;

export const ProjectChange = z.object({
  name: Label.optional(),
  workingDir: z.string().optional(),
  description: z.string().optional(),
});
export type ProjectChange = z.infer<typeof ProjectChange>;
