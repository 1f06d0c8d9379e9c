// Tasks, as far as their own fields go. What a task has to do with sessions is in `actors/`.
import { invalid, MaestroError } from '../domain/errors.ts';
import type { Task, TaskChange, TaskDraft, TaskStatus } from '../domain/task.ts';
import type { Turn } from '../records/turn.ts';
import { projectIn } from './projects.ts';

/** @throws TASK_NOT_FOUND. */
export function taskIn(turn: Turn, id: string): Task {
  const task = turn.find('task', id);
  if (!task) throw new MaestroError('TASK_NOT_FOUND', `Task ${id} not found`, { taskId: id });
  return task;
}

/** @throws PROJECT_NOT_FOUND; TASK_NOT_FOUND for a parent that is not there; VALIDATION_ERROR for one of another project. */
export function createTask(turn: Turn, draft: TaskDraft): Task {
  projectIn(turn, draft.projectId);
  if (typeof draft.parentId === 'string') checkParent(turn, draft.parentId, draft.projectId);
  const status = draft.status ?? 'todo';
  const task: Task = {
    id: turn.newId('task'),
    projectId: draft.projectId,
    parentId: draft.parentId ?? null,
    title: draft.title,
    description: draft.description ?? '',
    initialPrompt: draft.initialPrompt ?? '',
    status,
    priority: draft.priority ?? 'medium',
    createdAt: turn.at,
    updatedAt: turn.at,
    ...firstTimes({ startedAt: null, completedAt: null }, status, turn.at),
    sessionIds: [],
    skillIds: draft.skillIds ?? [],
    agentIds: draft.agentIds ?? [],
    dependencies: draft.dependencies ?? [],
    ...(draft.acceptanceCriteria && { acceptanceCriteria: draft.acceptanceCriteria }),
    ...(draft.model && { model: draft.model }),
    ...(draft.metadata && { metadata: draft.metadata }),
  };
  turn.put('task', task);
  return task;
}

/**
 * The task's own fields, `sessionIds` left out.
 * @throws TASK_NOT_FOUND; VALIDATION_ERROR for a parent of another project or below the task itself.
 */
export function changeTask(turn: Turn, id: string, { sessionIds: _, ...change }: TaskChange): Task {
  const task = taskIn(turn, id);
  if (typeof change.parentId === 'string') {
    checkParent(turn, change.parentId, task.projectId);
    refuseCycle(turn, task.id, change.parentId);
  }
  const status = change.status ?? task.status;
  const changed: Task = { ...task, ...change, ...firstTimes(task, status, turn.at), updatedAt: turn.at };
  turn.put('task', changed);
  return changed;
}

/** Set when the status first becomes in_progress or completed, never moved afterwards. */
function firstTimes(
  { startedAt, completedAt }: Pick<Task, 'startedAt' | 'completedAt'>,
  status: TaskStatus,
  at: number,
): Pick<Task, 'startedAt' | 'completedAt'> {
  return {
    startedAt: startedAt ?? (status === 'in_progress' ? at : null),
    completedAt: completedAt ?? (status === 'completed' ? at : null),
  };
}

function checkParent(turn: Turn, parentId: string, projectId: string): void {
  const parent = taskIn(turn, parentId);
  if (parent.projectId !== projectId)
    throw invalid('the parent task belongs to another project', {
      parentId: 'must be a task of the same project',
    });
}

function refuseCycle(turn: Turn, id: string, parentId: string): void {
  for (
    let above: string | null = parentId;
    above !== null;
    above = turn.find('task', above)?.parentId ?? null
  )
    if (above === id)
      throw invalid('a task cannot be below itself', {
        parentId: 'must not be the task or one of its descendants',
      });
}
