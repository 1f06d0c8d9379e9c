// A skill as it lies on disk: a folder, named by its id, with `manifest.json` and `skill.md`.
import { z } from 'zod';

/** A folder's name that is an id: it can neither lead out of the skills' folder nor be hidden. */
export const SkillId = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);

const strings = z.array(z.string()).default([]);

/** The content of `manifest.json`. */
export const SkillManifest = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  description: z.string(),
  type: z.enum(['system', 'role', 'custom']).default('system'),
  assignTo: strings,
  capabilities: strings,
  dependencies: strings,
  author: z.string().optional(),
  license: z.string().optional(),
  config: z.unknown().optional(),
});
export type SkillManifest = z.infer<typeof SkillManifest>;
