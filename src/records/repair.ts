// A relation that disagrees between a task's file and a session's (someone edited by hand): the session's side wins.
// A record that is there and could not be read stays in every relation that names it.
import type { RecordKind } from '../domain/records.ts';
import type { Turn } from './turn.ts';

/** Which records are there and could not be read. */
export interface UnreadRecords {
  has(kind: RecordKind, id: string, projectId?: string): boolean;
}

export interface LoadedIds {
  taskIds: string[];
  sessionIds: string[];
  unread: UnreadRecords;
}

/** @returns what was mended, as sentences for the log. */
export function repairRelations(turn: Turn, { taskIds, sessionIds, unread }: LoadedIds): string[] {
  const mended: string[] = [];
  const sessionsOf = new Map<string, string[]>();
  for (const sessionId of sessionIds) {
    const session = turn.find('session', sessionId);
    if (!session) continue;
    const isThere = (taskId: string): boolean =>
      turn.find('task', taskId) !== undefined || unread.has('task', taskId, session.projectId);
    const present = [...new Set(session.taskIds)].filter(isThere);
    if (present.length < session.taskIds.length) {
      turn.put('session', { ...session, taskIds: present }, { quietly: true });
      mended.push(`session ${sessionId} named tasks twice, or that are not there; they were taken out of it`);
    }
    for (const taskId of present) append(sessionsOf, taskId, sessionId);
  }
  for (const taskId of taskIds) {
    const task = turn.find('task', taskId);
    if (!task) continue;
    const readable = sessionsOf.get(taskId) ?? [];
    const unreadable = task.sessionIds.filter((id) => unread.has('session', id) && !readable.includes(id));
    const wanted = [...readable, ...unreadable];
    if (sameSet(task.sessionIds, wanted)) continue;
    turn.put('task', { ...task, sessionIds: wanted }, { quietly: true });
    mended.push(
      `task ${taskId} and its sessions disagreed; its sessions are now ${wanted.join(', ') || 'none'}`,
    );
  }
  return mended;
}

function append(lists: Map<string, string[]>, key: string, item: string): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** `wanted` holds no id twice, so a list of the same length that holds all of it holds nothing else. */
const sameSet = (present: string[], wanted: string[]): boolean =>
  present.length === wanted.length && wanted.every((id) => present.includes(id));
