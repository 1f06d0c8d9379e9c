// The one builder of manifests, for the server and for `maestro manifest generate`.
import { strongestModel, type Model } from '../domain/fields.ts';
import type { Role, Strategy } from '../domain/session.ts';
import { manifestFailure } from './failure.ts';
import type { Manifest, ManifestTask } from './schema.ts';
import { readProject, readTask, type Source, type SourceTask } from './source.ts';

export interface ManifestParts {
  role: Role;
  strategy: Strategy;
  project: Source;
  /** At least one; the manifest keeps their order. */
  tasks: readonly Source[];
  skills: readonly string[];
  /** The spawn's own; left out, the strongest among the tasks' models decides, else `sonnet`. */
  model?: Model | undefined;
}

/**
 * Makes a manifest that the strictest reader takes.
 * @throws MaestroError MANIFEST_GENERATION_ERROR when there is no task, or one without id or title.
 */
export function buildManifest(parts: ManifestParts): Manifest {
  if (parts.tasks.length === 0) throw manifestFailure('a manifest needs at least one task');
  const { id, name, workingDir } = readProject(parts.project);
  const tasks = parts.tasks.map(readTask);
  return {
    manifestVersion: '1.0',
    role: parts.role,
    // Readers of version 1.0 know only simple and queue.
    strategy: parts.strategy === 'queue' ? 'queue' : 'simple',
    tasks: tasks.map((task) => manifestTask(task, id)),
    session: {
      model: parts.model ?? strongestModel(tasks.map((task) => task.model)) ?? 'sonnet',
      permissionMode: 'acceptEdits',
      thinkingMode: 'auto',
      ...(workingDir !== '' && { workingDirectory: workingDir }),
    },
    skills: parts.skills.filter((skill) => skill !== ''),
    context: { custom: { project: { id, name } } },
  };
}

const manifestTask = (task: SourceTask, projectId: string): ManifestTask => ({
  id: task.id,
  title: task.title,
  description: task.description,
  acceptanceCriteria:
    task.acceptanceCriteria.length > 0 ? task.acceptanceCriteria : ['Task completion as described'],
  projectId: task.projectId ?? projectId,
  createdAt: isoTime(task.createdAt),
  parentId: task.parentId,
  dependencies: task.dependencies,
  priority: task.priority,
  ...(task.metadata && { metadata: task.metadata }),
  status: task.status,
  sessionIds: task.sessionIds,
});

/** A time that cannot be read becomes the beginning of 1970: old files must not fail a spawn. */
function isoTime(at: number | string): string {
  const date = new Date(at);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}
