// A session's manifest, version 1.0: what an agent is told to do. Read strictly, since the agents' CLI refuses every
// field that it does not know, but for those in `metadata` and `context.custom`.
import { z } from 'zod';
import { JsonObject, Model } from '../domain/fields.ts';
import { Role } from '../domain/session.ts';
import { Priority, TaskStatus } from '../domain/task.ts';
import { invalidFile } from './failure.ts';

const strings = z.array(z.string());

const ManifestTask = z.strictObject({
  id: z.string().min(1),
  title: z.string(),
  description: z.string(),
  acceptanceCriteria: strings.min(1),
  projectId: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  parentId: z.string().nullable().default(null),
  dependencies: strings.default([]),
  priority: Priority.default('medium'),
  metadata: JsonObject.optional(),
  status: TaskStatus.default('todo'),
  sessionIds: strings.default([]),
});
export type ManifestTask = z.infer<typeof ManifestTask>;

const ManifestSession = z.strictObject({
  model: Model,
  permissionMode: z.literal('acceptEdits').default('acceptEdits'),
  thinkingMode: z.literal('auto').default('auto'),
  workingDirectory: z.string().min(1).optional(),
  /** Never written by us: whoever edits a manifest by hand may widen or narrow with it what its agent may do. */
  allowedCommands: strings.optional(),
});

const Manifest = z.strictObject({
  manifestVersion: z.literal('1.0'),
  role: Role,
  strategy: z.enum(['simple', 'queue']).default('simple'),
  tasks: z.array(ManifestTask).min(1),
  session: ManifestSession,
  skills: strings.default([]),
  context: z.strictObject({ custom: JsonObject.default({}) }).default({ custom: {} }),
  templateId: z.string().optional(),
});
export type Manifest = z.infer<typeof Manifest>;

/**
 * Reads what a manifest file holds; optional fields that are missing come back filled in.
 * @param json the parsed file
 * @throws MaestroError MANIFEST_GENERATION_ERROR that names the fields that are missing, wrong or not known.
 */
export function parseManifest(json: unknown): Manifest {
  const manifest = Manifest.safeParse(json);
  if (!manifest.success) throw invalidFile('the manifest', manifest.error, json);
  return manifest.data;
}
