// What each fact says, and what else goes over the WebSocket.
import { z } from 'zod';
import type { FactType } from '../../domain/facts.ts';
import { Milliseconds } from '../../domain/fields.ts';
import {
  ProjectView,
  QueueItemView,
  QueueView,
  SessionChangesView,
  SessionView,
  SpawnView,
  TaskView,
  TemplateView,
} from './views.ts';

const gone = z.object({ id: z.string() });
const association = z.object({ taskId: z.string(), sessionId: z.string() });
const queue = z.object({ sessionId: z.string(), queue: QueueView });
const item = z.object({ sessionId: z.string(), taskId: z.string(), item: QueueItemView });

export const factData: Record<FactType, z.ZodType> = {
  'project:created': ProjectView,
  'project:updated': ProjectView,
  'project:deleted': gone,
  'task:created': TaskView,
  'task:updated': TaskView,
  'task:deleted': gone,
  'task:session_added': association,
  'task:session_removed': association,
  'session:created': SessionView,
  'session:updated': z.union([SessionView, SessionChangesView]),
  'session:deleted': gone,
  'session:task_added': association,
  'session:task_removed': association,
  'session:spawn': SpawnView,
  'queue:created': queue,
  'queue:updated': queue,
  'queue:item_started': item,
  'queue:item_completed': item,
  'queue:item_failed': item.extend({ reason: z.string() }),
  'queue:item_skipped': item,
  'queue:item_pushed': item,
  'template:created': TemplateView,
  'template:updated': TemplateView,
  'template:deleted': gone,
};

/** A fact as it goes over the wire. */
export const factView = (type: FactType): z.ZodType =>
  z.object({
    type: z.literal(type),
    event: z.literal(type).describe('The same.'),
    data: factData[type],
    timestamp: Milliseconds,
    seq: z.number().int().describe('Grows by one with each fact of any kind.'),
  });

export const Resync = z
  .object({ type: z.literal('resync'), seq: z.number().int() })
  .describe('What `since` asked for is no longer held, or lies ahead: read anew over REST.');
export const Pong = z.object({ type: z.literal('pong'), timestamp: Milliseconds });
export const Ping = z.object({ type: z.enum(['ping', 'heartbeat', 'keepalive']) });
