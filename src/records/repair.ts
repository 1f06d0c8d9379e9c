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
    const present = session.taskIds.filter((taskId) => turn.find('task', taskId));
    if (present.length < session.taskIds.length) {
      turn.put('session', { ...session, taskIds: present }, { quietly: true });
      mended.push(`session ${sessionId} named tasks that are not there; they were taken out of it`);
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

const sameSet = (a: string[], b: string[]): boolean =>
  a.length === b.length && a.every((id) => b.includes(id));
