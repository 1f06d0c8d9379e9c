// The moves of a queue and what goes with each, all in one turn: the item, its task's sessionStatus, an entry on the
// session's timeline, the fact (contract, lifecycle: the table of the queue).
import type { QueueCommand } from '../domain/commands.ts';
import { invalid, MaestroError } from '../domain/errors.ts';
import type { FactType } from '../domain/facts.ts';
import type { Queue, QueueItem } from '../domain/queue.ts';
import { hasEnded, type Session } from '../domain/session.ts';
import type { TaskSessionStatus } from '../domain/task.ts';
import type { TimelineNote, TimelineType } from '../domain/timeline.ts';
import { taskIn } from '../catalog/tasks.ts';
import type { Turn } from '../records/turn.ts';
import { join } from './associations.ts';
import { stamp, type Supervisor } from './supervisor.ts';

/** What a client learns of a move: the item that it moved (null: nothing to move), and the queue after it. */
export interface Moved {
  item: QueueItem | null;
  queue: Queue;
}

const consequences: Record<
  QueueItem['status'],
  { sessionStatus: TaskSessionStatus; entry: TimelineType | null; word: string; fact: FactType }
> = {
  queued: { sessionStatus: 'queued', entry: null, word: 'queued', fact: 'queue:item_pushed' },
  processing: {
    sessionStatus: 'working',
    entry: 'task_started',
    word: 'started',
    fact: 'queue:item_started',
  },
  completed: {
    sessionStatus: 'completed',
    entry: 'task_completed',
    word: 'completed',
    fact: 'queue:item_completed',
  },
  failed: { sessionStatus: 'failed', entry: 'task_failed', word: 'failed', fact: 'queue:item_failed' },
  skipped: { sessionStatus: 'skipped', entry: 'task_skipped', word: 'skipped', fact: 'queue:item_skipped' },
};

/** @throws VALIDATION_ERROR when the session has no queue strategy; NOT_FOUND when its queue is not there. */
export function queueIn(turn: Pick<Turn, 'find'>, session: Session): Queue {
  if (session.strategy !== 'queue')
    throw invalid(`Session ${session.id} has no queue: its strategy is ${session.strategy}`, {
      strategy: 'must be queue',
    });
  const queue = turn.find('queue', session.id);
  if (!queue) throw new MaestroError('NOT_FOUND', `Session ${session.id} has lost its queue`);
  return queue;
}

/** @throws BUSINESS_RULE_ERROR in an ended session; VALIDATION_ERROR while an item is in work. */
export function startNext(turn: Turn, session: Supervisor): Moved {
  const queue = queueIn(turn, session.record(turn));
  refuseEnded(session.record(turn), 'queue.start');
  // The items say it, as they do to the machine: the index of an old or edited record may be wrong.
  const current = queue.items.find(({ status }) => status === 'processing');
  if (current) throw invalid(`Already processing task ${current.taskId}`, { taskId: current.taskId });
  const item = move(turn, session, { type: 'queue.start', at: turn.at });
  if (item) session.move(turn, { type: 'session.work', at: turn.at });
  return after(turn, session, item);
}

/** @throws VALIDATION_ERROR when no item is in work (nor one that only its session's end interrupted). */
export function completeCurrent(turn: Turn, session: Supervisor): Moved {
  return finish(turn, session, { type: 'queue.complete', at: turn.at });
}

/** Like completeCurrent(), with a reason. */
export function failCurrent(turn: Turn, session: Supervisor, reason: string): Moved {
  return finish(turn, session, { type: 'queue.fail', at: turn.at, reason });
}

/** @throws BUSINESS_RULE_ERROR in an ended session; VALIDATION_ERROR when nothing is in work and nothing waits. */
export function skipItem(turn: Turn, session: Supervisor): Moved {
  queueIn(turn, session.record(turn));
  refuseEnded(session.record(turn), 'queue.skip');
  const command: QueueCommand = { type: 'queue.skip', at: turn.at };
  if (!session.canMoveQueue(command))
    throw invalid('There is no item to skip', { queue: 'has nothing in work or waiting' });
  return finish(turn, session, command);
}

/** Puts a task at the end; it joins the session too. @throws TASK_NOT_FOUND; VALIDATION_ERROR when it is in it already. */
export function pushTask(turn: Turn, session: Supervisor, taskId: string): Moved {
  const { projectId } = session.record(turn);
  queueIn(turn, session.record(turn));
  if (taskIn(turn, taskId).projectId !== projectId)
    throw invalid(`Task ${taskId} belongs to another project`, {
      taskId: 'must be a task of the same project',
    });
  const command: QueueCommand = { type: 'queue.push', at: turn.at, taskId };
  if (!session.canMoveQueue(command))
    throw invalid(`Task ${taskId} is in the queue already`, { taskId: 'is in the queue' });
  join(turn, session, taskId);
  const item = move(turn, session, command);
  heard(turn, session);
  return after(turn, session, item);
}

/** The session ended: its item in work fails, with the reason; what waits stays queued for a resume. */
export function interruptQueue(turn: Turn, session: Supervisor, reason: string): void {
  const command: QueueCommand = { type: 'queue.interrupt', at: turn.at, reason };
  if (session.canMoveQueue(command)) moveAll(turn, session, command);
}

/** Tasks leave: waiting items are skipped; one in work fails with `reason`, or is skipped where that is null. */
export function removeFromQueue(
  turn: Turn,
  session: Supervisor,
  taskIds: readonly string[],
  reason: string | null,
): void {
  if (taskIds.length === 0) return;
  const command: QueueCommand = { type: 'queue.remove', at: turn.at, taskIds, reason };
  if (session.canMoveQueue(command)) moveAll(turn, session, command);
}

function finish(turn: Turn, session: Supervisor, command: QueueCommand): Moved {
  queueIn(turn, session.record(turn));
  if (!session.canMoveQueue(command))
    throw invalid('No task is being processed', { queue: 'has no item in work; start one first' });
  const item = move(turn, session, command);
  heard(turn, session);
  return after(turn, session, item);
}

/** A move is a word from the agent: it ends an overdue wait and an open question. */
function heard(turn: Turn, session: Supervisor): void {
  const works = session.record(turn).status === 'working';
  session.move(
    turn,
    works ? { type: 'session.work', at: turn.at } : { type: 'session.hear', at: turn.at, entry: null },
  );
}

const move = (turn: Turn, session: Supervisor, command: QueueCommand): QueueItem | null =>
  moveAll(turn, session, command)[0] ?? null;

/** Moves items and writes what follows: their tasks, one put of the session with an entry for each, their facts. */
function moveAll(turn: Turn, session: Supervisor, command: QueueCommand): readonly QueueItem[] {
  const items = session.moveQueue(turn, command);
  if (items.length === 0) return items;
  const record = { ...session.record(turn), lastActivity: turn.at };
  const notes: TimelineNote[] = [];
  for (const item of items) {
    const { sessionStatus, entry, word, fact } = consequences[item.status];
    const { taskId } = item;
    const task = turn.find('task', taskId);
    if (task) turn.put('task', { ...task, sessionStatus, updatedAt: turn.at });
    const failReason = item.status === 'failed' ? item.failReason : undefined;
    const message = `Task ${word}: ${task?.title ?? taskId}${failReason ? ` (${failReason})` : ''}`;
    if (entry) notes.push({ type: entry, message, taskId });
    turn.tell(
      {
        type: fact,
        kind: 'queue',
        id: session.id,
        projectId: record.projectId,
        data: { sessionId: session.id, taskId },
      },
      { item },
    );
  }
  turn.put('session', stamp(turn, record, notes));
  return items;
}

const after = (turn: Turn, session: Supervisor, item: QueueItem | null): Moved => ({
  item,
  queue: queueIn(turn, session.record(turn)),
});

/** Moves that an ended session refuses, whatever its queue allows, and what they ask for. */
const refusedWhenEnded: Partial<Record<QueueCommand['type'], string>> = {
  'queue.start': 'start an item',
  'queue.skip': 'skip an item',
};

/** Whether a session lets its queue take such a command at all. */
export const mayMoveQueue = ({ status }: Session, { type }: Pick<QueueCommand, 'type'>): boolean =>
  !hasEnded(status) || refusedWhenEnded[type] === undefined;

function refuseEnded(session: Session, type: QueueCommand['type']): void {
  if (!mayMoveQueue(session, { type }))
    throw new MaestroError(
      'BUSINESS_RULE_ERROR',
      `A session that is ${session.status} cannot ${refusedWhenEnded[type] ?? 'do that'}; resume it first`,
      {
        state: session.status,
        possible: ['working', 'idle'],
      },
    );
}
