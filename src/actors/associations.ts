// A task's `sessionIds` and a session's `taskIds` are two views of one relation: both sides change in one turn.
// Associations tell only their own facts to plain watchers, not `:updated` of either side.
// Each record is put once, however many others it is linked to or unlinked from: the cost is linear in the links.
import type { FactType } from '../domain/facts.ts';
import type { Session } from '../domain/session.ts';
import type { Task } from '../domain/task.ts';
import { taskIn } from '../catalog/tasks.ts';
import type { Turn } from '../records/turn.ts';
import { refuseTooManyTasks } from './session-bounds.ts';
import { stamp, type Supervisor } from './supervisor.ts';

/** The task joins the session; twice changes nothing the second time. @throws TASK_NOT_FOUND; PAYLOAD_TOO_LARGE. */
export const join = (turn: Turn, session: Supervisor, taskId: string): void =>
  joinAll(turn, session, [taskId], 'taskId');

/**
 * The tasks join the session, in this order; those that are in it already stay where they are.
 * @param field of the request, for the refusal
 * @throws TASK_NOT_FOUND; PAYLOAD_TOO_LARGE.
 */
export function joinAll(turn: Turn, session: Supervisor, taskIds: readonly string[], field: string): void {
  const isIn = membership(session.record(turn).taskIds, taskIds.length);
  const joining = taskIds.flatMap((taskId) => (isIn(taskId) ? [] : [taskIn(turn, taskId)]));
  addToSession(turn, session, joining, field);
  for (const task of joining)
    turn.put(
      'task',
      { ...task, sessionIds: [...task.sessionIds, session.id], updatedAt: turn.at },
      { quietly: true },
    );
}

/** The task leaves the session; when it is not there, nothing changes. @returns whether it left. */
export const part = (turn: Turn, session: Supervisor, taskId: string): boolean =>
  partAll(turn, session, [taskId]).length > 0;

/** The tasks leave the session. @returns those that were in it. */
export function partAll(turn: Turn, session: Supervisor, taskIds: readonly string[]): string[] {
  const leaving = removeFromSession(turn, session, taskIds);
  for (const taskId of leaving) forget(turn, taskId, session.id);
  return leaving;
}

/** A session that goes leaves its tasks, with the facts in the order that the contract gives. */
export function partFromAll(turn: Turn, session: Session): void {
  for (const taskId of session.taskIds) {
    forget(turn, taskId, session.id);
    tell(turn, 'removed', session, taskId);
  }
}

/** The session's side alone: it names these tasks, none of which it named before. @throws PAYLOAD_TOO_LARGE. */
export function addToSession(
  turn: Turn,
  session: Supervisor,
  tasks: readonly Pick<Task, 'id' | 'title'>[],
  field: string,
): void {
  if (tasks.length === 0) return;
  const record = session.record(turn);
  const taskIds = [...record.taskIds, ...tasks.map(({ id }) => id)];
  refuseTooManyTasks(taskIds.length, field);
  putQuietly(
    turn,
    { ...record, taskIds },
    tasks.map(({ id, title }) => ({ message: `Task added: ${title}`, taskId: id })),
  );
  for (const { id } of tasks) tell(turn, 'added', record, id);
}

/** The session's side alone: it names these tasks no longer. @returns those that it named. */
export function removeFromSession(turn: Turn, session: Supervisor, taskIds: readonly string[]): string[] {
  const record = session.record(turn);
  const isIn = membership(record.taskIds, taskIds.length);
  const leaving = taskIds.filter(isIn);
  if (leaving.length === 0) return [];
  const isLeaving = membership(leaving, record.taskIds.length);
  putQuietly(
    turn,
    { ...record, taskIds: record.taskIds.filter((taskId) => !isLeaving(taskId)) },
    leaving.map((taskId) => {
      const title = turn.find('task', taskId)?.title ?? taskId;
      return { message: `Task removed: ${title}`, taskId };
    }),
  );
  for (const taskId of leaving) tell(turn, 'removed', record, taskId);
  return leaving;
}

/** Whether an id is in a list, for so many questions: a set is worth its making only for several. */
export function membership(ids: readonly string[], questions: number): (id: string) => boolean {
  if (questions <= 1 || ids.length <= 1) return (id) => ids.includes(id);
  const known = new Set(ids);
  return (id) => known.has(id);
}

function forget(turn: Turn, taskId: string, sessionId: string): void {
  const task = turn.find('task', taskId);
  if (!task) return;
  const sessionIds = task.sessionIds.filter((id) => id !== sessionId);
  turn.put('task', { ...task, sessionIds, updatedAt: turn.at }, { quietly: true });
}

function putQuietly(turn: Turn, session: Session, notes: { message: string; taskId: string }[]): void {
  const active = { ...session, lastActivity: turn.at };
  const milestones = notes.map((note) => ({ type: 'milestone' as const, ...note }));
  turn.put('session', stamp(turn, active, milestones), { quietly: true });
}

function tell(turn: Turn, what: 'added' | 'removed', { id, projectId }: Session, taskId: string): void {
  const ofSession: FactType = what === 'added' ? 'session:task_added' : 'session:task_removed';
  const ofTask: FactType = what === 'added' ? 'task:session_added' : 'task:session_removed';
  const data = { sessionId: id, taskId };
  turn.tell({ type: ofSession, kind: 'session', id, projectId, data });
  turn.tell({ type: ofTask, kind: 'task', id: taskId, projectId, data });
}
