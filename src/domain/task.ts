import { z } from 'zod';
import { Id } from './ids.ts';
import { CRITERION_LENGTH, LIST_ENTRIES, RELATED_IDS, TEXT_LENGTH } from './bounds.ts';
import {
  AnyObject,
  JsonObject,
  Label,
  list,
  Milliseconds,
  Model,
  Word,
  Reference,
  text,
  withOldWord,
} from './fields.ts';

export const TaskStatus = z.enum(['todo', 'in_progress', 'completed', 'cancelled', 'blocked']);
export type TaskStatus = z.infer<typeof TaskStatus>;

/** What a session says of a task; absent until one has said something. */
export const TaskSessionStatus = z.enum([
  'queued',
  'working',
  'needs_input',
  'blocked',
  'completed',
  'failed',
  'skipped',
]);
export type TaskSessionStatus = z.infer<typeof TaskSessionStatus>;

export const Priority = z.enum(['low', 'medium', 'high']);

/** Old words, and what they are called now. */
export const oldTaskWords = { pending: 'todo' } as const;

export const TaskStatusWord = withOldWord('pending', oldTaskWords.pending, TaskStatus);

const strings = z.array(z.string());

/** The record, as in `tasks/{project id}/{id}.json`. Missing arrays of old files become `[]`. */
export const Task = z.object({
  id: Id,
  projectId: Id,
  parentId: Id.nullable().default(null),
  title: z.string(),
  description: z.string().default(''),
  initialPrompt: z.string().default(''),
  status: TaskStatusWord.default('todo'),
  sessionStatus: TaskSessionStatus.optional(),
  priority: Priority.default('medium'),
  createdAt: Milliseconds,
  updatedAt: Milliseconds,
  startedAt: Milliseconds.nullable().default(null),
  completedAt: Milliseconds.nullable().default(null),
  sessionIds: strings.default([]),
  skillIds: strings.default([]),
  agentIds: strings.default([]),
  dependencies: strings.default([]),
  acceptanceCriteria: strings.optional(),
  model: Model.optional(),
  metadata: JsonObject.optional(),
});
export type Task = z.infer<typeof Task>;

const names = list(Word, LIST_ENTRIES);

/** The fields that a client may set, on create and on change alike. */
const settable = {
  description: text(TEXT_LENGTH).optional(),
  initialPrompt: text(TEXT_LENGTH).optional(),
  status: TaskStatusWord.optional(),
  priority: Priority.optional(),
  parentId: Reference.nullable().optional(),
  skillIds: names.optional(),
  agentIds: names.optional(),
  dependencies: names.optional(),
  acceptanceCriteria: list(text(CRITERION_LENGTH), LIST_ENTRIES).optional(),
  model: Model.optional(),
  metadata: AnyObject.optional(),
};

export const TaskDraft = z.object({ ...settable, projectId: Reference, title: Label });
export type TaskDraft = z.infer<typeof TaskDraft>;

export const TaskChange = z.object({
  ...settable,
  title: Label.optional(),
  sessionStatus: TaskSessionStatus.optional(),
  sessionIds: list(Reference, RELATED_IDS).optional(),
});
export type TaskChange = z.infer<typeof TaskChange>;

/** A PATCH that comes from a session: only `sessionStatus` of it is applied, the rest is dropped unread. */
export const TaskReport = z.object({
  updateSource: z.literal('session'),
  sessionStatus: TaskSessionStatus.optional(),
});
