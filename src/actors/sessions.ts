// What clients ask of a session, each the work of one turn: create, change, report, answer, claim, delete.
import { hostname } from 'node:os';
import { platform } from 'node:process';
import type { Move } from '../domain/chart.ts';
import { statusCommands, type SessionCommand } from '../domain/commands.ts';
import { MaestroError } from '../domain/errors.ts';
import { Log } from '../domain/log.ts';
import type { Queue } from '../domain/queue.ts';
import { hasEnded, type Session, type SessionChange, type SessionDraft } from '../domain/session.ts';
import type {
  SessionEvent,
  SessionEventDraft,
  TimelineDraft,
  TimelineEntry,
  TimelineType,
} from '../domain/timeline.ts';
import { projectIn } from '../catalog/projects.ts';
import { taskIn } from '../catalog/tasks.ts';
import type { Turn } from '../records/turn.ts';
import { joinAll, membership, partAll, partFromAll } from './associations.ts';
import type { Directory } from './directory.ts';
import { removeFromQueue } from './queue-moves.ts';
import { mergeMaps, refuseTooLargeLog, refuseTooManyTasks } from './session-bounds.ts';
import { stamp, type Supervisor } from './supervisor.ts';

/** The fields that every new session begins with. */
export const newSession = (turn: Turn, id: string, projectId: string, taskIds: string[]) => ({
  id,
  projectId,
  taskIds,
  env: {},
  startedAt: turn.at,
  lastActivity: turn.at,
  completedAt: null,
  hostname: hostname(),
  platform,
  attempt: 0,
  deadline: null,
  claimedBy: null,
  manifestFailedAt: null,
  announced: false,
  events: Log.from<SessionEvent>([]),
  timeline: Log.from<TimelineEntry>([]),
  moves: Log.from<Move>([]),
});

/**
 * A session as a client gives it, its status taken as given.
 * @throws CONFLICT for an id that exists; PROJECT_NOT_FOUND; TASK_NOT_FOUND; PAYLOAD_TOO_LARGE.
 */
export function createSession(
  turn: Turn,
  directory: Directory,
  draft: SessionDraft,
  deadlineMs: number,
): Session {
  const id = draft.id ?? turn.newId('sess');
  if (turn.find('session', id))
    throw new MaestroError('CONFLICT', `Session ${id} exists already`, { sessionId: id });
  projectIn(turn, draft.projectId);
  const taskIds = [...new Set(draft.taskIds)];
  refuseTooManyTasks(taskIds.length, 'taskIds');
  const status = draft.status ?? 'idle';
  const session: Session = {
    ...newSession(turn, id, draft.projectId, taskIds),
    name: draft.name ?? 'Unnamed Session',
    ...(draft.agentId !== undefined && { agentId: draft.agentId }),
    env: draft.env ?? {},
    strategy: draft.strategy ?? 'simple',
    status,
    completedAt: hasEnded(status) ? turn.at : null,
    ...(draft.metadata && { metadata: draft.metadata }),
    ...(status === 'spawning' && { phase: 'expected', deadline: turn.at + deadlineMs, announced: true }),
  };
  const started = stamp(turn, session, [{ type: 'session_started', message: 'Session started' }]);
  turn.put('session', started);
  for (const taskId of taskIds) linkNew(turn, session, taskId, true);
  if (session.strategy === 'queue') makeQueue(turn, session, false);
  directory.enter(turn, id);
  return started;
}

/** The task's side of a session that was just made; `tells` its association facts at once, or leaves them to the spawn. */
export function linkNew(turn: Turn, session: Session, taskId: string, tells: boolean): void {
  const { id, projectId, strategy } = session;
  const task = taskIn(turn, taskId);
  const queued = strategy === 'queue' ? { sessionStatus: 'queued' as const } : {};
  const linked = { ...task, ...queued, sessionIds: [...task.sessionIds, id], updatedAt: turn.at };
  turn.put('task', linked, { quietly: !tells || strategy !== 'queue' });
  if (!tells) return;
  const data = { sessionId: id, taskId };
  turn.tell({ type: 'session:task_added', kind: 'session', id, projectId, data });
  turn.tell({ type: 'task:session_added', kind: 'task', id: taskId, projectId, data });
}

/** The queue of a new session, all its tasks waiting in order. */
export function makeQueue(turn: Turn, { id, taskIds }: Session, quietly: boolean): void {
  const queue: Queue = {
    sessionId: id,
    strategy: 'queue',
    items: taskIds.map((taskId) => ({ taskId, status: 'queued', addedAt: turn.at })),
    currentIndex: -1,
    createdAt: turn.at,
    updatedAt: turn.at,
    interruptedIndex: -1,
  };
  turn.put('queue', queue, { quietly });
}

/** What a change added; a minimal answer shows it. */
export interface Added {
  session: Session;
  events: SessionEvent[];
  timeline: TimelineEntry[];
}

/**
 * A PATCH: existence of what it names, then the status (the only part that can be refused), fields, entries, needsInput.
 * @throws SESSION_NOT_FOUND; TASK_NOT_FOUND; BUSINESS_RULE_ERROR for a status that the machine does not allow;
 *   PAYLOAD_TOO_LARGE.
 */
export function changeSession(turn: Turn, session: Supervisor, change: SessionChange): Added {
  const { taskIds: before } = session.record(turn);
  // Tasks that the session names already may be there without being readable.
  const isIn = membership(before, change.taskIds?.length ?? 0);
  for (const taskId of change.taskIds ?? []) if (!isIn(taskId)) taskIn(turn, taskId);
  if (change.status) session.move(turn, { type: statusCommands[change.status], at: turn.at });
  // `spawning` again moves nothing, but is a word like that of any other PATCH: it ends the wait for one.
  if (!change.status || change.status === 'spawning')
    session.move(turn, { type: 'session.hear', at: turn.at, entry: null });

  if (change.taskIds) changeTasks(turn, session, [...new Set(change.taskIds)]);
  const present = session.record(turn);
  turn.put('session', {
    ...present,
    ...(change.name !== undefined && { name: change.name }),
    ...(change.agentId !== undefined && { agentId: change.agentId }),
    ...mergeMaps(present, change),
  });
  const events = addEvents(turn, session, change.events ?? []);
  const timeline = addEntries(turn, session, change.timeline ?? []);
  if (change.needsInput) timeline.push(...changeNeedsInput(turn, session, change.needsInput));
  return { session: session.record(turn), events, timeline };
}

function changeTasks(turn: Turn, session: Supervisor, taskIds: string[]): void {
  const before = session.record(turn).taskIds;
  const isWanted = membership(taskIds, before.length);
  leaveAll(
    turn,
    session,
    before.filter((taskId) => !isWanted(taskId)),
  );
  joinAll(turn, session, taskIds, 'taskIds');
}

/** Tasks leave the session; their items that wait or are in work are skipped. */
function leaveAll(turn: Turn, session: Supervisor, taskIds: readonly string[]): void {
  removeFromQueue(turn, session, partAll(turn, session, taskIds), null);
}

/**
 * A task leaves the session; its item, if it waits or is in work, is skipped. One that is there but not in the session
 * changes nothing.
 * @throws TASK_NOT_FOUND for a task that neither is there nor is named by the session.
 */
export function leaveSession(turn: Turn, session: Supervisor, taskId: string): void {
  if (!session.record(turn).taskIds.includes(taskId)) taskIn(turn, taskId);
  leaveAll(turn, session, [taskId]);
}

/** Outside `working` a question cannot be open: it is ignored there. */
function changeNeedsInput(
  turn: Turn,
  session: Supervisor,
  { active, message }: { active: boolean; message?: string },
): TimelineEntry[] {
  if (active && session.can({ type: 'session.ask', at: turn.at, entryId: '' }))
    return addEntries(turn, session, [{ type: 'needs_input', ...(message !== undefined && { message }) }]);
  if (!active && session.can({ type: 'session.settle', at: turn.at }))
    session.move(turn, { type: 'session.settle', at: turn.at });
  return [];
}

/**
 * Events are taken in every state; one whose id is there already is not added twice.
 * @returns those that were added.
 * @throws PAYLOAD_TOO_LARGE.
 */
export function addEvents(turn: Turn, session: Supervisor, drafts: SessionEventDraft[]): SessionEvent[] {
  if (drafts.length === 0) return [];
  const { events } = session.record(turn);
  const added = withoutKnown(drafts, events).map((draft) => ({ ...draft, ...stampOf(turn, draft) }));
  refuseTooLargeLog(session.record(turn), 'events', added);
  session.move(turn, { type: 'session.hear', at: turn.at, entry: null });
  turn.put('session', { ...session.record(turn), events: events.append(added) });
  return added;
}

/**
 * Entries are taken in every state. A question opens needsInput in a working session, any other entry ends it: what
 * comes of several is what would come of them one after the other.
 * @throws PAYLOAD_TOO_LARGE.
 */
export function addEntries(turn: Turn, session: Supervisor, drafts: TimelineDraft[]): TimelineEntry[] {
  const { timeline } = session.record(turn);
  const added = withoutKnown(drafts, timeline).map((draft) => ({ ...draft, ...stampOf(turn, draft) }));
  if (added.length === 0) return added;
  refuseTooLargeLog(session.record(turn), 'timeline', added);
  for (const command of commandsOf(turn.at, session, added)) session.move(turn, command);
  const record = session.record(turn);
  turn.put('session', { ...record, timeline: record.timeline.append(added) });
  return added;
}

type Word = TimelineEntry & { type: TimelineType };

/**
 * What entries say to the session's machine, in at most two commands. Whether a question can be asked does not change
 * with entries. Where it can, the last entry decides what is open, and one of the other sort before it what is closed
 * on the way; where it cannot, all entries are the same word, and its repetition says nothing.
 */
function commandsOf(at: number, session: Supervisor, entries: readonly Word[]): SessionCommand[] {
  const last = entries.at(-1);
  const question = entries.findLast(({ type }) => type === 'needs_input');
  const other = entries.findLast(({ type }) => type !== 'needs_input');
  const ask = question && askOf(at, question);
  const hear = (entry: Word): SessionCommand => ({ type: 'session.hear', at, entry: entry.type });
  if (!ask || !session.can(ask)) return last ? [hear(last)] : [];
  if (!other) return [ask];
  return last === question ? [hear(other), ask] : [ask, hear(other)];
}

const askOf = (at: number, { id, message }: Word): SessionCommand => ({
  type: 'session.ask',
  at,
  entryId: id,
  ...(message !== undefined && { message }),
});

const stampOf = (
  turn: Turn,
  { id, timestamp }: { id?: string | undefined; timestamp?: number | undefined },
) => ({
  id: id ?? turn.newId('evt'),
  timestamp: timestamp ?? turn.at,
});

/** Only ids that a client gave can be there already. */
function withoutKnown<D extends { id?: string | undefined }>(drafts: D[], log: Log<{ id: string }>): D[] {
  const given = new Set<string>();
  return drafts.filter(({ id }) => {
    if (id === undefined) return true;
    if (given.has(id) || log.hasId(id)) return false;
    given.add(id);
    return true;
  });
}

/** @throws BUSINESS_RULE_ERROR when nothing is asked; PAYLOAD_TOO_LARGE. */
export function answerQuestion(turn: Turn, session: Supervisor, message: string): Added {
  const { needsInput } = session.record(turn);
  session.move(turn, { type: 'session.answer', at: turn.at });
  const entry: TimelineEntry = {
    id: turn.newId('evt'),
    type: 'progress',
    timestamp: turn.at,
    message,
    metadata: { answerTo: needsInput?.entryId ?? null },
  };
  const record = session.record(turn);
  refuseTooLargeLog(record, 'timeline', [entry]);
  turn.put('session', { ...record, timeline: record.timeline.append([entry]) });
  return { session: session.record(turn), events: [], timeline: [entry] };
}

/** A terminal host takes the spawn; the same host may ask again. @throws CONFLICT. */
export function claimSpawn(turn: Turn, session: Supervisor, host: string): Session {
  const record = session.record(turn);
  const command = { type: 'session.claim', at: turn.at, host } as const;
  if (!session.can(command)) {
    const why = record.claimedBy === null ? 'does not await an agent' : `is claimed by ${record.claimedBy}`;
    throw new MaestroError('CONFLICT', `Session ${record.id} ${why}`, { claimedBy: record.claimedBy });
  }
  if (record.claimedBy !== host) session.move(turn, command);
  return session.record(turn);
}

/** The session leaves its tasks, and its queue goes with it. @throws SESSION_NOT_FOUND. */
export function deleteSession(turn: Turn, session: Supervisor): void {
  const record = session.record(turn);
  session.leave(turn);
  partFromAll(turn, record);
  if (turn.find('queue', record.id)) turn.drop('queue', record.id);
  turn.drop('session', record.id);
}
