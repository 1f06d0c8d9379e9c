// The records and what storage must know of each kind: where its file stands, and which of its lists only change in
// places, so that a commit holds those places and not the whole list.
import { z } from 'zod';
import { Answer } from './answer.ts';
import type { Project } from './project.ts';
import type { Queue } from './queue.ts';
import type { Session } from './session.ts';
import { StoredProject, StoredQueue, StoredSession, StoredTask, StoredTemplate } from './stored.ts';
import type { Task } from './task.ts';
import type { Template } from './template.ts';

export interface RecordTypes {
  project: Project;
  task: Task;
  session: Session;
  queue: Queue;
  template: Template;
  answer: Answer;
}
export type RecordKind = keyof RecordTypes;
export type AnyRecord = RecordTypes[RecordKind];

export interface Reference<K extends RecordKind = RecordKind> {
  kind: K;
  id: string;
}

interface KindFacts {
  /** The folder below DATA_DIR. */
  folder: string;
  /** When a commit holds a part of the record (changed fields, places of lists) in place of the whole. */
  partial: 'always' | 'large' | 'never';
  /** Fields that are lists and are written place by place; only where `partial`. */
  lists: readonly string[];
  /** Reads a file of any age; unknown fields are kept. Throws a ZodError. */
  parse: (file: unknown) => AnyRecord;
}

/** Made once: zod compiles each schema when it first parses. */
const reader = (schema: z.ZodType<AnyRecord>) => (file: unknown) => schema.parse(file);

const small = { partial: 'large', lists: [] } as const;

export const recordKinds: Record<RecordKind, KindFacts> = {
  project: { folder: 'projects', ...small, parse: reader(StoredProject) },
  task: { folder: 'tasks', ...small, parse: reader(StoredTask) },
  session: {
    folder: 'sessions',
    partial: 'always',
    lists: ['timeline', 'events', 'moves'],
    parse: reader(StoredSession),
  },
  queue: { folder: 'queues', partial: 'always', lists: ['items'], parse: reader(StoredQueue) },
  template: { folder: 'templates', ...small, parse: reader(StoredTemplate) },
  answer: { folder: 'answers', partial: 'never', lists: [], parse: reader(Answer.loose()) },
};

export const RecordKindName = z.enum(['project', 'task', 'session', 'queue', 'template', 'answer']);

/** The key of a record in maps that hold several kinds. */
export const keyOf = (kind: RecordKind, id: string): string => `${kind}/${id}`;

/** A queue's id is its session's; all others have their own, also where an old file has a stray `sessionId`. */
export const idOf = (record: AnyRecord): string =>
  'items' in record && 'sessionId' in record ? record.sessionId : record.id;

/** The project that a record belongs to; null for those that belong to none. */
export const projectOf = (kind: RecordKind, record: AnyRecord): string | null => {
  if (kind === 'project') return idOf(record);
  return 'projectId' in record ? record.projectId : null;
};
