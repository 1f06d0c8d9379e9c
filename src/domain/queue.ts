import { z } from 'zod';
import { Id } from './ids.ts';
import { Milliseconds } from './fields.ts';

const item = { taskId: z.string(), addedAt: Milliseconds };

/** One task in a queue; which fields it has follows from its status. */
export const QueueItem = z.discriminatedUnion('status', [
  z.object({ ...item, status: z.literal('queued') }),
  z.object({ ...item, status: z.literal('processing'), startedAt: Milliseconds }),
  z.object({
    ...item,
    status: z.literal('completed'),
    startedAt: Milliseconds.optional(),
    completedAt: Milliseconds,
  }),
  z.object({
    ...item,
    status: z.literal('failed'),
    startedAt: Milliseconds.optional(),
    completedAt: Milliseconds,
    failReason: z.string(),
  }),
  z.object({
    ...item,
    status: z.literal('skipped'),
    startedAt: Milliseconds.optional(),
    completedAt: Milliseconds,
  }),
]);
export type QueueItem = z.infer<typeof QueueItem>;

/** The record, as in `queues/{session id}.json`; its id is its session's. */
export const Queue = z.object({
  sessionId: Id,
  strategy: z.literal('queue').default('queue'),
  items: z.array(QueueItem).default([]),
  currentIndex: z.number().int().default(-1),
  createdAt: Milliseconds,
  updatedAt: Milliseconds,
  /** The index of an item that failed only because its session ended: a late report may still correct it. */
  interruptedIndex: z.number().int().default(-1),
});
export type Queue = z.infer<typeof Queue>;

export interface QueueStats {
  total: number;
  queued: number;
  processing: number;
  completed: number;
  failed: number;
  skipped: number;
}

export function queueStats(items: readonly QueueItem[]): QueueStats {
  const stats: QueueStats = {
    total: items.length,
    queued: 0,
    processing: 0,
    completed: 0,
    failed: 0,
    skipped: 0,
  };
  // A newer version may have other words; an item in such a state counts in the total alone.
  for (const { status } of items) if (Object.hasOwn(stats, status)) stats[status] += 1;
  return stats;
}
