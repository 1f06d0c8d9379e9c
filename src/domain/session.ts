import { z } from 'zod';
import { Move } from './chart.ts';
import { Id } from './ids.ts';
import { APPENDED_ENTRIES, ID_LENGTH, RELATED_IDS, TEXT_LENGTH } from './bounds.ts';
import {
  AnyObject,
  Environment,
  ignoringNulls,
  JsonObject,
  list,
  Milliseconds,
  Model,
  Name,
  Word,
  Reference,
  StringMap,
  text,
  withOldWord,
} from './fields.ts';
import { Log } from './log.ts';
import { SessionEvent, SessionEventDraft, TimelineDraft, TimelineEntry } from './timeline.ts';

export const SessionStatus = z.enum(['spawning', 'idle', 'working', 'completed', 'failed', 'stopped']);
export type SessionStatus = z.infer<typeof SessionStatus>;

export type EndedStatus = Extract<SessionStatus, 'completed' | 'failed' | 'stopped'>;

export const hasEnded = (status: SessionStatus): status is EndedStatus =>
  status === 'completed' || status === 'failed' || status === 'stopped';

/** `running` is an old word for `working`. */
export const SessionStatusWord = withOldWord('running', 'working', SessionStatus);

export const Strategy = z.enum(['simple', 'queue', 'tree']);
export type Strategy = z.infer<typeof Strategy>;

export const Role = z.enum(['worker', 'orchestrator']);
export type Role = z.infer<typeof Role>;

export const SpawnSource = z.enum(['ui', 'session']);

/** The open question of a session: what was asked, since when, and on which timeline entry it stands. */
export const NeedsInput = z.object({
  active: z.boolean(),
  message: z.string().optional(),
  since: Milliseconds.optional(),
  entryId: z.string().optional(),
});
export type NeedsInput = z.infer<typeof NeedsInput>;

/** What a spawn was asked for. Kept beside `metadata`, which clients may write over. */
export const SpawnOrder = z.object({
  role: Role,
  skills: z.array(z.string()),
  model: Model,
  spawnSource: SpawnSource,
  spawnedBy: z.string().nullable(),
  context: JsonObject,
});
export type SpawnOrder = z.infer<typeof SpawnOrder>;

/** Where a session stands inside `spawning`. `heard`: its agent has spoken, but nobody moved it on yet. */
export const SpawnPhase = z.enum(['generatingManifest', 'expected', 'overdue', 'heard']);
export type SpawnPhase = z.infer<typeof SpawnPhase>;

export const logOf = <S extends z.ZodType>(entry: S) =>
  z
    .array(entry)
    .default([])
    .transform((entries) => Log.from(entries));

/**
 * The record, as in `sessions/{id}.json`. The fields behind `metadata` are ours: they hold what the machine needs
 * to go on after a restart, and views show them only where the contract does.
 */
export const Session = z.object({
  id: Id,
  projectId: Id,
  taskIds: z.array(z.string()).default([]),
  name: z.string(),
  agentId: z.string().optional(),
  env: StringMap.default({}),
  strategy: Strategy.default('simple'),
  status: SessionStatusWord.default('idle'),
  startedAt: Milliseconds,
  lastActivity: Milliseconds,
  completedAt: Milliseconds.nullable().default(null),
  hostname: z.string().default(''),
  platform: z.string().default(''),
  events: logOf(SessionEvent.loose()),
  timeline: logOf(TimelineEntry.loose()),
  needsInput: NeedsInput.optional(),
  metadata: JsonObject.optional(),
  /** The way that its machine took from state to state. */
  moves: logOf(Move),
  spawn: SpawnOrder.optional(),
  phase: SpawnPhase.optional(),
  /** How often its manifest was asked for; the results of older attempts are stale. */
  attempt: z.number().default(0),
  /** When it becomes overdue; null while nothing is awaited. */
  deadline: Milliseconds.nullable().default(null),
  /** The terminal host that took the spawn. */
  claimedBy: z.string().nullable().default(null),
  manifestPath: z.string().optional(),
  /** When its last manifest failed: an equal spawn within a minute takes the session up again. */
  manifestFailedAt: Milliseconds.nullable().default(null),
  /** Why it failed then. */
  manifestError: z.string().optional(),
  /** Whether `session:spawn` was ever told. */
  announced: z.boolean().default(false),
});
export type Session = z.infer<typeof Session>;

/** `taskId` (one) is an old form of `taskIds`. */
const withOldTaskId = (body: unknown): unknown => {
  if (typeof body !== 'object' || body === null || 'taskIds' in body || !('taskId' in body)) return body;
  return { ...body, taskIds: [body.taskId] };
};

export const SessionDraft = z.preprocess(
  withOldTaskId,
  z.object({
    id: Id.max(ID_LENGTH).optional(),
    projectId: Reference,
    taskIds: list(Reference, RELATED_IDS),
    name: Name.optional(),
    agentId: Word.optional(),
    env: Environment.optional(),
    strategy: Strategy.optional(),
    status: SessionStatusWord.optional(),
    metadata: AnyObject.optional(),
  }),
);
export type SessionDraft = z.infer<typeof SessionDraft>;

export const SessionChange = z.object({
  taskIds: list(Reference, RELATED_IDS).optional(),
  status: SessionStatusWord.optional(),
  agentId: Word.optional(),
  name: Name.optional(),
  env: Environment.optional(),
  events: list(ignoringNulls(SessionEventDraft), APPENDED_ENTRIES).optional(),
  timeline: list(ignoringNulls(TimelineDraft), APPENDED_ENTRIES).optional(),
  needsInput: ignoringNulls(
    z.object({ active: z.boolean(), message: text(TEXT_LENGTH).optional() }),
  ).optional(),
  metadata: AnyObject.optional(),
});
export type SessionChange = z.infer<typeof SessionChange>;
