// A task's `sessionIds` and a session's `taskIds` are two views of one relation: both sides change in one turn.
// Associations tell only their own facts, not `:updated` of either side.
import type { Session } from '../domain/session.ts';
import type { FactType } from '../domain/facts.ts';
import { taskIn } from '../catalog/tasks.ts';
import type { Turn } from '../records/turn.ts';
import { stamp, type Supervisor } from './supervisor.ts';

/** The task joins the session; twice changes nothing the second time. @throws TASK_NOT_FOUND. */
export function join(turn: Turn, session: Supervisor, taskId: string): void {
  const record = session.record(turn);
  const task = taskIn(turn, taskId);
  if (record.taskIds.includes(taskId)) return;
  const taskIds = [...record.taskIds, taskId];
  putQuietly(turn, { ...record, taskIds }, { message: `Task added: ${task.title}`, taskId });
  turn.put(
    'task',
    { ...task, sessionIds: [...task.sessionIds, session.id], updatedAt: turn.at },
    { quietly: true },
  );
  tell(turn, 'added', record, taskId);
}

/** The task leaves the session; when it is not there, nothing changes. @returns whether it left. */
export function part(turn: Turn, session: Supervisor, taskId: string): boolean {
  const record = session.record(turn);
  if (!record.taskIds.includes(taskId)) return false;
  const task = turn.find('task', taskId);
  const taskIds = record.taskIds.filter((id) => id !== taskId);
  putQuietly(turn, { ...record, taskIds }, { message: `Task removed: ${task?.title ?? taskId}`, taskId });
  forget(turn, taskId, session.id);
  tell(turn, 'removed', record, taskId);
  return true;
}

/** A session that goes leaves its tasks, with the facts in the order that the contract gives. */
export function partFromAll(turn: Turn, session: Session): void {
  for (const taskId of session.taskIds) {
    forget(turn, taskId, session.id);
    tell(turn, 'removed', session, taskId);
  }
}

function forget(turn: Turn, taskId: string, sessionId: string): void {
  const task = turn.find('task', taskId);
  if (!task) return;
  const sessionIds = task.sessionIds.filter((id) => id !== sessionId);
  turn.put('task', { ...task, sessionIds, updatedAt: turn.at }, { quietly: true });
}

function putQuietly(turn: Turn, session: Session, entry: { message: string; taskId: string }): void {
  const active = { ...session, lastActivity: turn.at };
  turn.put('session', stamp(turn, active, [{ type: 'milestone', ...entry }]), { quietly: true });
}

function tell(turn: Turn, what: 'added' | 'removed', { id, projectId }: Session, taskId: string): void {
  const ofSession: FactType = what === 'added' ? 'session:task_added' : 'session:task_removed';
  const ofTask: FactType = what === 'added' ? 'task:session_added' : 'task:session_removed';
  const data = { sessionId: id, taskId };
  turn.tell({ type: ofSession, kind: 'session', id, projectId, data });
  turn.tell({ type: ofTask, kind: 'task', id: taskId, projectId, data });
}
