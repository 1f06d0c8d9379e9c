// What a manifest is made of: projects and tasks as records, or as files of any age hold them. Only what cannot be
// guessed (an id, a title) must be there; everything else that is missing or odd gets the usual value.
import { z } from 'zod';
import { JsonObject, Model } from '../domain/fields.ts';
import { Priority, TaskStatusWord } from '../domain/task.ts';
import { invalidFile } from './failure.ts';

const names = z
  .array(z.unknown())
  .transform((list) => list.filter((name): name is string => typeof name === 'string' && name !== ''))
  .catch([]);

const SourceProject = z.object({
  id: z.string().min(1),
  name: z.string().catch(''),
  workingDir: z.string().catch(''),
});
type SourceProject = z.infer<typeof SourceProject>;

const SourceTask = z.object({
  id: z.string().min(1),
  title: z.string(),
  description: z.string().catch(''),
  acceptanceCriteria: names,
  projectId: z.string().optional().catch(undefined),
  createdAt: z.union([z.number(), z.string()]).catch(0),
  parentId: z.string().nullable().catch(null),
  dependencies: names,
  priority: Priority.catch('medium'),
  metadata: JsonObject.optional().catch(undefined),
  status: TaskStatusWord.catch('todo'),
  sessionIds: names,
  model: Model.optional().catch(undefined),
});
export type SourceTask = z.infer<typeof SourceTask>;

/** A record, or the parsed content of its file. */
export type Source = Readonly<Record<string, unknown>>;

/** @throws MaestroError MANIFEST_GENERATION_ERROR when the project has no id. */
export function readProject(source: Source): SourceProject {
  const project = SourceProject.safeParse(source);
  if (!project.success) throw invalidFile('the project', project.error, source);
  return project.data;
}

/** @throws MaestroError MANIFEST_GENERATION_ERROR when the task has no id or title. */
export function readTask(source: Source): SourceTask {
  const task = SourceTask.safeParse(source);
  if (!task.success) throw invalidFile(`task ${JSON.stringify(source['id'])}`, task.error, source);
  return task.data;
}
