// Records as their files may hold them. A file may be older than this version, or newer, or of another program of the same
// folder: a word that is not known here stays as it is, and so does a field; both are written back unchanged.
import { z } from 'zod';
import { Move } from './chart.ts';
import { Project } from './project.ts';
import { Queue, QueueItem } from './queue.ts';
import {
  logOf,
  NeedsInput,
  Role,
  Session,
  SessionStatusWord,
  SpawnOrder,
  SpawnPhase,
  SpawnSource,
  Strategy,
} from './session.ts';
import { Model } from './fields.ts';
import { Priority, Task, TaskSessionStatus, TaskStatusWord } from './task.ts';
import { Template } from './template.ts';

/** A word of a closed list, or any other: whoever branches on it must do without a case for that. */
const word = <S extends z.ZodType<string>>(known: S) =>
  z.union([known, z.string()]) as unknown as z.ZodType<z.output<S>>;

export const StoredProject = Project.loose();

export const StoredTask = Task.extend({
  status: word(TaskStatusWord).default('todo'),
  sessionStatus: word(TaskSessionStatus).optional(),
  priority: word(Priority).default('medium'),
  model: word(Model).optional(),
}).loose();

export const StoredTemplate = Template.extend({ role: word(Role) }).loose();

/** An item whose status is not known here is neither queued nor in work: it stands where it is. */
const StoredItem = z.union([
  ...QueueItem.options.map((option) => option.loose()),
  z.looseObject({ taskId: z.string(), status: z.string() }),
]) as unknown as z.ZodType<QueueItem>;

export const StoredQueue = Queue.extend({
  strategy: word(z.literal('queue')).default('queue'),
  items: z.array(StoredItem).default([]),
}).loose();

const SessionOfAnyVersion = Session.extend({
  strategy: word(Strategy).default('simple'),
  status: word(SessionStatusWord).default('idle'),
  needsInput: NeedsInput.loose().optional(),
  moves: logOf(Move.loose()),
  spawn: SpawnOrder.extend({ role: word(Role), model: word(Model), spawnSource: word(SpawnSource) })
    .loose()
    .optional(),
  phase: word(SpawnPhase).optional(),
}).loose();

/** A session file of any age: what older versions left out or named otherwise is filled in. */
export const StoredSession = z.preprocess((file) => {
  const { taskId, ...session } = file as Record<string, unknown>;
  const taskIds = session['taskIds'] ?? (typeof taskId === 'string' ? [taskId] : undefined);
  const at = typeof session['startedAt'] === 'number' ? session['startedAt'] : 0;
  return {
    ...session,
    ...(taskIds !== undefined && { taskIds }),
    name: session['name'] ?? `Session ${String(session['id'])}`,
    startedAt: at,
    lastActivity: session['lastActivity'] ?? at,
  };
}, SessionOfAnyVersion);
