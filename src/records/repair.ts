// A relation that disagrees between a task's file and a session's (someone edited by hand): the session's side wins.
import type { Turn } from './turn.ts';

/** @returns what was mended, as sentences for the log. */
export function repairRelations(
  turn: Turn,
  { taskIds, sessionIds }: { taskIds: string[]; sessionIds: string[] },
): string[] {
  const mended: string[] = [];
  const sessionsOf = new Map<string, string[]>();
  for (const sessionId of sessionIds) {
    const session = turn.find('session', sessionId);
    if (!session) continue;
    const present = [...new Set(session.taskIds)].filter((taskId) => turn.find('task', taskId));
    if (present.length < session.taskIds.length) {
      turn.put('session', { ...session, taskIds: present }, { quietly: true });
      mended.push(`session ${sessionId} named tasks twice, or that are not there; they were taken out of it`);
    }
    for (const taskId of present) sessionsOf.set(taskId, [...(sessionsOf.get(taskId) ?? []), sessionId]);
  }
  for (const taskId of taskIds) {
    const task = turn.find('task', taskId);
    const wanted = sessionsOf.get(taskId) ?? [];
    if (!task || sameSet(task.sessionIds, wanted)) continue;
    turn.put('task', { ...task, sessionIds: wanted }, { quietly: true });
    mended.push(
      `task ${taskId} and its sessions disagreed; its sessions are now ${wanted.join(', ') || 'none'}`,
    );
  }
  return mended;
}

/** `wanted` holds no id twice, so a list of the same length that holds all of it holds nothing else. */
const sameSet = (present: string[], wanted: string[]): boolean =>
  present.length === wanted.length && wanted.every((id) => present.includes(id));
