// Tasks as text.
import { facts, inOneCell, table } from '../text.ts';
import type { SessionView, TaskView } from '../views.ts';

export const taskTable = (tasks: readonly TaskView[]): string =>
  table(
    ['id', 'title', 'status', 'session', 'priority'],
    tasks.map((task) => [task.id, task.title, task.status, task.sessionStatus ?? '', task.priority]),
    'There are no such tasks.',
  );

/** @param sessions those that work on it */
export const taskText = (task: TaskView, sessions: readonly SessionView[]): string =>
  facts([
    ['id', task.id],
    ['title', task.title],
    ['status', task.status],
    ['in its session', task.sessionStatus],
    ['priority', task.priority],
    ['project', task.projectId],
    ['parent', task.parentId ?? undefined],
    ['depends on', task.dependencies.join(', ')],
    [
      'sessions',
      sessions.map(({ id, status, name }) => `\n  - ${id} (${status}): ${inOneCell(name)}`).join(''),
    ],
    ['blocked by', reasonOf(task)],
    ['description', task.description],
    ['done when', task.acceptanceCriteria.map((line) => `\n  - ${line}`).join('')],
  ]);

/** What `task block` left. */
function reasonOf({ status, metadata }: TaskView): string | undefined {
  const reason = metadata?.['blockedReason'];
  return status === 'blocked' && typeof reason === 'string' ? reason : undefined;
}
