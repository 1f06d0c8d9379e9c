// What the board knows of one session, and how that follows from what the server tells.
import { z } from 'zod';

export const Entry = z.looseObject({
  id: z.string(),
  type: z.string(),
  timestamp: z.number(),
  message: z.string().optional(),
  taskId: z.string().optional(),
});
export type Entry = z.infer<typeof Entry>;

const Question = z.looseObject({ active: z.boolean(), message: z.string().optional() });

const fields = {
  name: z.string(),
  status: z.string(),
  strategy: z.string().default('simple'),
  taskIds: z.array(z.string()).default([]),
  needsInput: Question.nullish(),
  overdue: z.boolean().nullish(),
};

/** A session as `view=summary` shows it. */
export const Summary = z.looseObject({
  id: z.string(),
  ...fields,
  since: z.number(),
  last: Entry.nullable(),
});
export type Summary = z.infer<typeof Summary>;

/** A session as a fact shows it that is told of a new one. */
export const Whole = z.looseObject({
  id: z.string(),
  ...fields,
  startedAt: z.number(),
  timeline: z.array(Entry).default([]),
});
export type Whole = z.infer<typeof Whole>;

/** `session:updated` with `view=changes`. */
export const Changed = z.looseObject({
  id: z.string(),
  changes: z.looseObject({
    name: z.string().optional(),
    status: z.string().optional(),
    strategy: z.string().optional(),
    taskIds: z.array(z.string()).optional(),
    needsInput: fields.needsInput,
    overdue: fields.overdue,
  }),
  appended: z.looseObject({ timeline: z.array(Entry).default([]) }).optional(),
  /** The index in the timeline at which the first of them stands. */
  appendedAt: z.looseObject({ timeline: z.number().optional() }).optional(),
});
export type Changed = z.infer<typeof Changed>;

export interface SessionRow {
  id: string;
  name: string;
  status: string;
  strategy: string;
  taskIds: readonly string[];
  /** What it asks a person; null while it asks nothing. */
  question: string | null;
  isOverdue: boolean;
  /** When it came into its state, Unix milliseconds. */
  since: number;
  /** Its newest entry. */
  last: Entry | null;
}

export function rowOf({ id, name, status, strategy, taskIds, since, last, ...more }: Summary): SessionRow {
  const { needsInput, overdue } = more;
  const question = questionOf(needsInput);
  return { id, name, status, strategy, taskIds, question, isOverdue: overdue === true, since, last };
}

export const rowOfNew = (session: Whole): SessionRow =>
  rowOf({ ...session, since: session.startedAt, last: session.timeline.at(-1) ?? null });

/** @param at when it was told; the changes do not say when the state began */
export function rowAfter(row: SessionRow, { changes, appended }: Changed, at: number): SessionRow {
  const { needsInput, overdue, name, status, strategy, taskIds } = changes;
  const after: SessionRow = {
    ...row,
    ...(name !== undefined && { name }),
    ...(status !== undefined && { status }),
    ...(strategy !== undefined && { strategy }),
    ...(taskIds !== undefined && { taskIds }),
    ...('needsInput' in changes && { question: questionOf(needsInput) }),
    ...('overdue' in changes && { isOverdue: overdue === true }),
    last: appended?.timeline.at(-1) ?? row.last,
  };
  return stateOf(after) === stateOf(row) ? after : { ...after, since: at };
}

/** Its state in a word for people: an open question and a missed deadline say more than the status. */
export function stateOf({ question, isOverdue, status }: SessionRow): string {
  if (question !== null) return 'needs input';
  return isOverdue ? 'overdue' : status;
}

const questionOf = (needsInput: z.infer<typeof Question> | null | undefined): string | null =>
  needsInput?.active === true ? (needsInput.message ?? '(no words)') : null;
