// What a change of a task has to do with sessions: associations from the task's side, reports, deletion.
import type { TaskChange, Task, TaskSessionStatus } from '../domain/task.ts';
import { changeTask, taskIn } from '../catalog/tasks.ts';
import type { Turn } from '../records/turn.ts';
import { join, part } from './associations.ts';
import type { Directory } from './directory.ts';
import { removeFromQueue } from './queue-moves.ts';
import { leaveSession } from './sessions.ts';

/** A PATCH; a changed `sessionIds` changes the sessions too. @throws TASK_NOT_FOUND; SESSION_NOT_FOUND; VALIDATION_ERROR. */
export function updateTask(turn: Turn, directory: Directory, id: string, change: TaskChange): Task {
  const { sessionIds: before } = changeTask(turn, id, change);
  const wanted = change.sessionIds;
  if (wanted) {
    const sessions = wanted.map((sessionId) => directory.find(sessionId));
    for (const sessionId of before)
      if (!wanted.includes(sessionId)) leaveSession(turn, directory.find(sessionId), id);
    for (const session of sessions) join(turn, session, id);
  }
  return taskIn(turn, id);
}

/** What a session says of a task, also of one that is not its own; queue items stay as they are. */
export function reportTask(turn: Turn, id: string, sessionStatus: TaskSessionStatus | undefined): Task {
  const task = taskIn(turn, id);
  if (sessionStatus) turn.put('task', { ...task, sessionStatus, updatedAt: turn.at });
  return taskIn(turn, id);
}

/**
 * The task is taken out of its sessions and their queues; its children move up to its parent.
 * @throws TASK_NOT_FOUND.
 */
export function deleteTask(turn: Turn, directory: Directory, id: string): void {
  const task = taskIn(turn, id);
  for (const sessionId of task.sessionIds) {
    const session = directory.find(sessionId);
    removeFromQueue(turn, session, id, 'The task was deleted');
    part(turn, session, id);
  }
  for (const child of turn.listed('task', `parent:${id}`))
    turn.put('task', { ...child, parentId: task.parentId, updatedAt: turn.at });
  turn.drop('task', id);
}
