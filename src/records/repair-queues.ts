// Queues and sessions that do not fit together (a file was lost, or edited by hand): a session of strategy `queue` gets the
// queue that its timeline tells of, and a queue whose session is gone goes too.
import type { Queue, QueueItem } from '../domain/queue.ts';
import { hasEnded, type Session } from '../domain/session.ts';
import type { TimelineEntry } from '../domain/timeline.ts';
import type { UnreadRecords } from './repair.ts';
import type { Turn } from './turn.ts';

export interface QueuesToRepair {
  sessionIds: readonly string[];
  /** Each is the id of the queue's session. */
  queueIds: readonly string[];
  /** The queue of a session that could not be read is kept for when it can be; one that could not be is not made anew. */
  unread: UnreadRecords;
}

/** @returns what was mended, as sentences for the log. */
export function repairQueues(turn: Turn, found: QueuesToRepair): string[] {
  const { sessionIds, queueIds, unread } = found;
  const mended: string[] = [];
  for (const id of sessionIds) {
    const session = turn.find('session', id);
    if (session?.strategy !== 'queue' || turn.find('queue', id) || unread.has('queue', id)) continue;
    const queue = queueOf(turn, session);
    turn.put('queue', queue);
    const waiting = queue.items.filter(({ status }) => status === 'queued').length;
    mended.push(
      `session ${id} had no queue; it was made anew from the session's timeline, ${waiting} of its tasks wait in it`,
    );
  }
  for (const id of queueIds) {
    if (!turn.find('queue', id) || turn.find('session', id) || unread.has('session', id)) continue;
    turn.drop('queue', id);
    mended.push(`queue ${id} had no session; it was removed`);
  }
  return mended;
}

function queueOf(turn: Turn, session: Session): Queue {
  const last = new Map<string, TimelineEntry>();
  for (const entry of session.timeline.slice())
    if (entry.taskId !== undefined && entry.type in outcomes) last.set(entry.taskId, entry);
  const items = session.taskIds.map((taskId) => itemOf(taskId, last.get(taskId), session));
  // One item at a time is in work: the one that was started last.
  const currentIndex = items.findLastIndex(({ status }) => status === 'processing');
  return {
    sessionId: session.id,
    strategy: 'queue',
    items: items.map((item, index) =>
      item.status === 'processing' && index !== currentIndex ? waiting(item.taskId, session) : item,
    ),
    currentIndex,
    createdAt: session.startedAt,
    updatedAt: turn.at,
    interruptedIndex: -1,
  };
}

/** What an entry of the timeline says of its task's item. */
const outcomes: Record<string, QueueItem['status']> = {
  task_started: 'processing',
  task_completed: 'completed',
  task_failed: 'failed',
  task_skipped: 'skipped',
};

const waiting = (taskId: string, { startedAt }: Session): QueueItem => ({
  taskId,
  status: 'queued',
  addedAt: startedAt,
});

function itemOf(taskId: string, entry: TimelineEntry | undefined, session: Session): QueueItem {
  const status = entry && outcomes[entry.type];
  const item = { taskId, addedAt: session.startedAt };
  if (!entry || !status || status === 'queued') return waiting(taskId, session);
  const { timestamp, message = 'Task failed' } = entry;
  switch (status) {
    case 'processing':
      return hasEnded(session.status) ? waiting(taskId, session) : { ...item, status, startedAt: timestamp };
    case 'failed':
      return { ...item, status, completedAt: timestamp, failReason: message };
    default:
      return { ...item, status, completedAt: timestamp };
  }
}
