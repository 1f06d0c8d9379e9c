// What a change of a task has to do with sessions: associations from the task's side, reports, deletion.
import type { TaskChange, Task, TaskSessionStatus } from '../domain/task.ts';
import { changeTask, taskIn } from '../catalog/tasks.ts';
import type { Turn } from '../records/turn.ts';
import { addToSession, membership, removeFromSession } from './associations.ts';
import type { Directory } from './directory.ts';
import { removeFromQueue } from './queue-moves.ts';

/**
 * A PATCH; a changed `sessionIds` changes the sessions too.
 * @throws TASK_NOT_FOUND; SESSION_NOT_FOUND; VALIDATION_ERROR; PAYLOAD_TOO_LARGE.
 */
export function updateTask(turn: Turn, directory: Directory, id: string, change: TaskChange): Task {
  changeTask(turn, id, change);
  if (change.sessionIds) changeSessions(turn, directory, id, [...new Set(change.sessionIds)]);
  return taskIn(turn, id);
}

/** One put of each session that the task joins or leaves, and one of the task. */
function changeSessions(turn: Turn, directory: Directory, id: string, wanted: string[]): void {
  const { sessionIds: before } = taskIn(turn, id);
  const isWanted = membership(wanted, before.length);
  const isIn = membership(before, wanted.length);
  const joining = wanted.map((sessionId) => directory.find(sessionId)).filter((session) => !isIn(session.id));
  const leaving = before.filter((sessionId) => !isWanted(sessionId));
  if (joining.length === 0 && leaving.length === 0) return;
  for (const sessionId of leaving) {
    const session = directory.find(sessionId);
    removeFromQueue(turn, session, removeFromSession(turn, session, [id]), null);
  }
  for (const session of joining) addToSession(turn, session, [taskIn(turn, id)], 'sessionIds');
  const sessionIds = [...before.filter(isWanted), ...joining.map((session) => session.id)];
  turn.put('task', { ...taskIn(turn, id), sessionIds, updatedAt: turn.at });
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
    removeFromQueue(turn, session, [id], 'The task was deleted');
    removeFromSession(turn, session, [id]);
  }
  for (const child of turn.listed('task', `parent:${id}`))
    turn.put('task', { ...child, parentId: task.parentId, updatedAt: turn.at });
  turn.drop('task', id);
}
