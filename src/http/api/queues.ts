import { z } from 'zod';
import { REASON_LENGTH, written } from '../../domain/bounds.ts';
import type { FactType } from '../../domain/facts.ts';
import { Reference } from '../../domain/fields.ts';
import { endpoint } from './endpoint.ts';
import { QueueItemView, QueueStatsView, QueueView } from './views.ts';

const path = <P extends string>(below: P): `/api/sessions/{id}/queue${P}` =>
  `/api/sessions/{id}/queue${below}`;

const moved = { success: z.literal(true), hasMore: z.boolean(), message: z.string() };
const finished = { ...moved, nextItem: QueueItemView.nullable() };
const refuses = ['VALIDATION_ERROR', 'NOT_FOUND', 'OVERLOADED'] as const;
const refusesEnded = [...refuses, 'BUSINESS_RULE_ERROR'] as const;
const updates = ['task:updated', 'session:updated', 'queue:updated'] as const satisfies FactType[];

export const getQueue = endpoint({
  method: 'get',
  path: path(''),
  summary: 'The queue and its counts',
  answers: { 200: z.object({ queue: QueueView, stats: QueueStatsView }) },
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND'],
});

export const listItems = endpoint({
  method: 'get',
  path: path('/items'),
  summary: 'Its items and their counts',
  answers: { 200: z.object({ items: z.array(QueueItemView), stats: QueueStatsView }) },
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND'],
});

export const topItem = endpoint({
  method: 'get',
  path: path('/top'),
  summary: 'The first item that waits',
  answers: {
    200: z.union([
      z.object({ hasMore: z.literal(true), item: QueueItemView }),
      z.object({ hasMore: z.literal(false), item: z.null(), message: z.string() }),
    ]),
  },
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND'],
});

export const startItem = endpoint({
  method: 'post',
  path: path('/start'),
  summary: 'Take the next item into work',
  answers: {
    200: z.union([
      z.object({ ...moved, item: QueueItemView }),
      z.object({ ...moved, item: z.null(), empty: z.literal(true), hasMore: z.literal(false) }),
    ]),
  },
  refuses: refusesEnded,
  tells: ['queue:item_started', ...updates],
});

export const completeItem = endpoint({
  method: 'post',
  path: path('/complete'),
  summary: 'End the item in work well',
  answers: { 200: z.object({ ...finished, completedItem: QueueItemView }) },
  refuses,
  tells: ['queue:item_completed', ...updates],
});

export const failItem = endpoint({
  method: 'post',
  path: path('/fail'),
  summary: 'End the item in work badly',
  body: z.object({
    reason: z
      .unknown()
      .refine(
        (reason) => typeof reason !== 'string' || reason.length <= REASON_LENGTH,
        `must have at most ${written(REASON_LENGTH)} characters`,
      )
      .optional()
      .meta({ description: 'A text; anything else counts as not given.', maxLength: REASON_LENGTH }),
  }),
  answers: { 200: z.object({ ...finished, failedItem: QueueItemView }) },
  refuses,
  tells: ['queue:item_failed', ...updates],
});

export const skipItem = endpoint({
  method: 'post',
  path: path('/skip'),
  summary: 'Pass over the item in work, else the first that waits',
  answers: { 200: z.object({ ...finished, skippedItem: QueueItemView }) },
  refuses: refusesEnded,
  tells: ['queue:item_skipped', ...updates],
});

export const pushItem = endpoint({
  method: 'post',
  path: path('/push'),
  summary: 'Put a task at the end',
  description: 'The task joins the session too.',
  body: z.object({ taskId: Reference.min(1, 'is required') }),
  answers: { 200: z.object({ success: z.literal(true), item: QueueItemView }) },
  refuses,
  tells: ['queue:item_pushed', 'session:task_added', 'task:session_added', ...updates],
});
