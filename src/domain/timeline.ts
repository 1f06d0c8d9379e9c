import { z } from 'zod';
import { TEXT_LENGTH } from './bounds.ts';
import { AnyObject, AnyValue, JsonObject, Milliseconds, Moment, Reference, Word, text } from './fields.ts';

export const TimelineType = z.enum([
  'session_started',
  'session_stopped',
  'task_started',
  'task_completed',
  'task_failed',
  'task_skipped',
  'task_blocked',
  'task_status_changed',
  'needs_input',
  'progress',
  'error',
  'milestone',
]);
export type TimelineType = z.infer<typeof TimelineType>;

/** One line of a session's story. Files of other versions may hold types that are not known here: they are kept. */
export const TimelineEntry = z.object({
  id: z.string(),
  type: z.string().describe('One of the types that can be written, or an old one.'),
  timestamp: Milliseconds,
  message: z.string().optional(),
  taskId: z.string().optional(),
  metadata: JsonObject.optional(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** The id that a client gives to what it appends. */
const EntryId = Reference.min(1, 'must not be empty');

/** What a client gives: id and time are stamped when they are missing. */
export const TimelineDraft = z.object({
  id: EntryId.optional(),
  type: TimelineType.default('progress'),
  timestamp: Moment.optional(),
  message: text(TEXT_LENGTH).optional(),
  taskId: Reference.optional(),
  metadata: AnyObject.optional(),
});
export type TimelineDraft = z.infer<typeof TimelineDraft>;

/** An entry that a rule writes; the supervisor stamps id and time on it. */
export interface TimelineNote {
  type: TimelineType;
  message?: string;
  taskId?: string;
  metadata?: JsonObject;
}

export const SessionEvent = z.object({
  id: z.string(),
  timestamp: Milliseconds,
  type: z.string(),
  data: z.unknown().optional(),
});
export type SessionEvent = z.infer<typeof SessionEvent>;

export const SessionEventDraft = z.object({
  id: EntryId.optional(),
  timestamp: Moment.optional(),
  type: Word.min(1, 'must not be empty'),
  data: AnyValue.optional(),
});
export type SessionEventDraft = z.infer<typeof SessionEventDraft>;
