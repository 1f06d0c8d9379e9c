// What the server answers, as far as a command reads it. Everything else is kept for --json.
import { z } from 'zod';

const strings = z.array(z.string()).default([]);

/** An answer that says no more than that it was done. */
export const Done = z.looseObject({ success: z.literal(true) });

export const ProjectView = z.looseObject({
  id: z.string(),
  name: z.string(),
  workingDir: z.string().default(''),
  description: z.string().default(''),
});
export type ProjectView = z.infer<typeof ProjectView>;

export const TaskView = z.looseObject({
  id: z.string(),
  projectId: z.string(),
  parentId: z.string().nullable().default(null),
  title: z.string(),
  description: z.string().default(''),
  status: z.string(),
  sessionStatus: z.string().optional(),
  priority: z.string(),
  createdAt: z.number(),
  dependencies: strings,
  acceptanceCriteria: strings,
  sessionIds: strings,
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type TaskView = z.infer<typeof TaskView>;

const EntryView = z.looseObject({
  id: z.string(),
  type: z.string(),
  timestamp: z.number().optional(),
  taskId: z.string().optional(),
  message: z.string().optional(),
  metadata: z.looseObject({ answerTo: z.string().optional() }).optional(),
});

export type EntryView = z.infer<typeof EntryView>;

export const SessionView = z.looseObject({
  id: z.string(),
  projectId: z.string(),
  taskIds: strings,
  name: z.string(),
  status: z.string(),
  strategy: z.string().default('simple'),
  role: z.string().optional(),
  needsInput: z
    .looseObject({ active: z.boolean(), message: z.string().optional(), entryId: z.string().optional() })
    .optional(),
  timeline: z.array(EntryView).default([]),
  /** The newest entry, in a summary. */
  last: EntryView.nullish(),
  manifestPath: z.string().optional(),
});
export type SessionView = z.infer<typeof SessionView>;

/** The short answer to a new timeline entry; older servers leave the entry out. */
export const EntryAdded = z.looseObject({ timeline: z.array(EntryView).default([]) });

export const TemplateView = z.looseObject({ id: z.string(), content: z.string() });

const QueueItemView = z.looseObject({
  taskId: z.string(),
  status: z.string(),
  failReason: z.string().optional(),
});
export type QueueItemView = z.infer<typeof QueueItemView>;

const count = z.number().default(0);
const QueueStatsView = z.looseObject({
  total: count,
  queued: count,
  processing: count,
  completed: count,
  failed: count,
  skipped: count,
});
export type QueueStatsView = z.infer<typeof QueueStatsView>;

export const QueueView = z.looseObject({ queue: z.looseObject({}), stats: QueueStatsView });
export const QueueItemsView = z.looseObject({ items: z.array(QueueItemView), stats: QueueStatsView });
export const QueueTopView = z.looseObject({
  hasMore: z.boolean(),
  item: QueueItemView.nullable(),
  message: z.string().optional(),
});
/** The answer to start, complete, fail, skip and push. */
export const QueueMoveView = z.looseObject({
  success: z.literal(true),
  message: z.string().optional(),
  item: QueueItemView.nullish(),
  empty: z.boolean().optional(),
  nextItem: QueueItemView.nullish(),
});
