// What has become true, as it goes over the wire.
import { z } from 'zod';
import { RecordKindName } from './records.ts';
import { JsonObject } from './fields.ts';

export const FactType = z.enum([
  'project:created',
  'project:updated',
  'project:deleted',
  'task:created',
  'task:updated',
  'task:deleted',
  'task:session_added',
  'task:session_removed',
  'session:created',
  'session:updated',
  'session:deleted',
  'session:task_added',
  'session:task_removed',
  'session:spawn',
  'queue:created',
  'queue:updated',
  'queue:item_started',
  'queue:item_completed',
  'queue:item_failed',
  'queue:item_skipped',
  'queue:item_pushed',
  'template:created',
  'template:updated',
  'template:deleted',
]);
export type FactType = z.infer<typeof FactType>;

/**
 * A fact without the entity that it is about: that is read from the record when the fact is sent, so that ten thousand kept
 * facts are small. `data` is what no record holds, and small too: the two ids of an association, the task of a queue move.
 */
export const Fact = z.object({
  seq: z.number().int(),
  type: FactType,
  kind: RecordKindName,
  id: z.string(),
  projectId: z.string().nullable(),
  data: JsonObject.optional(),
  /** `changes`: for clients of `view=changes` alone; all others know the change by facts of another type. */
  audience: z.literal('changes').optional(),
});
export type Fact = z.infer<typeof Fact>;

/** Whether a fact is about one item of a queue, which is read from the queue when the fact is replayed. */
export const isAboutItem = ({ type }: Pick<Fact, 'type'>): boolean => type.startsWith('queue:item_');

export type FactDraft = Omit<Fact, 'seq'>;
