// Queues on the stage.
import type { z } from 'zod';
import type { QueueCommand } from '../../src/domain/commands.ts';
import { Queue, type QueueItem } from '../../src/domain/queue.ts';
import { fieldsOfQueue } from '../../src/machines/queue.context.ts';
import { queueMachine } from '../../src/machines/queue.machine.ts';
import { Play } from './stage.ts';

export type QueuePlay = Play<typeof queueMachine>;

/** A record as it is read from a file. */
export const queueRecord = (fields: Partial<z.input<typeof Queue>>): Queue =>
  Queue.parse({ sessionId: 'sess_1', createdAt: 100, updatedAt: 100, ...fields });

/** A new queue of these tasks. */
export const queueOf = (...taskIds: string[]): Queue =>
  queueRecord({ items: taskIds.map((taskId) => ({ taskId, status: 'queued', addedAt: 100 })) });

/** One command of each kind, and those whose content decides. */
export const commands = {
  start: { type: 'queue.start', at: 2000 },
  complete: { type: 'queue.complete', at: 3000 },
  fail: { type: 'queue.fail', at: 3000, reason: 'tests fail' },
  skip: { type: 'queue.skip', at: 3000 },
  push: { type: 'queue.push', at: 3000, taskId: 'task_new' },
  again: { type: 'queue.push', at: 3000, taskId: 'task_1' },
  remove: { type: 'queue.remove', at: 3000, taskIds: ['task_1'], reason: null },
  interrupt: { type: 'queue.interrupt', at: 3000, reason: 'The session ended' },
} as const satisfies Record<string, QueueCommand>;

/** A queue alive from its record, after these commands. */
export function playQueue(queue: Queue, ...steps: QueueCommand[]): QueuePlay {
  const play: QueuePlay = new Play(queueMachine, { queue });
  for (const step of steps) play.send(step);
  return play;
}

/** The record that would be on disk now, read back from its text. */
export const queueAfter = (queue: Queue, { snapshot }: QueuePlay): Queue =>
  Queue.parse(JSON.parse(JSON.stringify({ ...queue, ...fieldsOfQueue(snapshot.context) })));

export const statuses = ({ snapshot }: QueuePlay): QueueItem['status'][] =>
  snapshot.context.items.map(({ status }) => status);
