// All that the page knows of the server: read once, then kept by facts. React components look at parts of it with
// `useWorld`; they are told of changes at most once a frame, however many facts come.
import type { Health, Project, Queue, Summary, Task, TimelineEntry } from './api.ts';

/** A message of the WebSocket. */
export interface Fact {
  type: string;
  data: unknown;
  timestamp: number;
  seq: number;
}

export interface Reading {
  health: Health;
  projects: Project[];
  tasks: Task[];
  sessions: Summary[];
}

/** `session:updated` with `view=changes`. */
export interface SessionChange {
  id: string;
  changes: Record<string, unknown>;
  appended?: { timeline?: TimelineEntry[] };
  /** The index at which the first of them stands. */
  appendedAt?: { timeline?: number };
}

/** Of the facts that came, so many are kept to be looked at. */
const KEPT_FACTS = 2_000;

export class World {
  readonly projects = new Map<string, Project>();
  readonly tasks = new Map<string, Task>();
  /** Those that live, those that failed lately, and what of the others was asked for. */
  readonly sessions = new Map<string, Summary>();
  /** Newest last. */
  readonly facts: Fact[] = [];
  /** The number of the newest fact that is in here. */
  seq = 0;
  /** Grows with each change: what is made from the world is made anew then. */
  version = 0;
  readonly #listeners = new Set<() => void>();
  readonly #hearers = new Set<(fact: Fact) => void>();
  #isTelling = false;

  /** Everything as it was read; what was known before is forgotten. */
  begin({ health, projects, tasks, sessions }: Reading): void {
    for (const map of [this.projects, this.tasks, this.sessions]) map.clear();
    for (const project of projects) this.projects.set(project.id, project);
    for (const task of tasks) this.tasks.set(task.id, task);
    this.addSessions(sessions);
    this.seq = health.seq;
    this.#changed();
  }

  addSessions(sessions: Summary[]): void {
    for (const session of sessions) this.sessions.set(session.id, session);
    this.#changed();
  }

  /** Called with the id of a session that moves and is not known: one that had ended, and is taken up again. */
  onUnknown: (id: string) => void = () => undefined;

  /** A session as it is read by itself. */
  addWhole(session: WholeSession, queue: Queue | null): void {
    this.addSessions([{ ...summaryOf(session), queue: queue && progressOf(queue) }]);
  }

  hear(fact: Fact): void {
    this.seq = fact.seq;
    this.facts.push(fact);
    if (this.facts.length > 2 * KEPT_FACTS) this.facts.splice(0, KEPT_FACTS);
    this.#apply(fact);
    for (const hear of this.#hearers) hear(fact);
    this.#changed();
  }

  /** Tells of changes. @returns how to end it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Tells of each fact. @returns how to end it. */
  onFact(hear: (fact: Fact) => void): () => void {
    this.#hearers.add(hear);
    return () => this.#hearers.delete(hear);
  }

  #apply({ type, data, timestamp }: Fact): void {
    const [kind, what] = type.split(':');
    const { id } = data as { id: string };
    if (kind === 'project') put(this.projects, id, what === 'deleted' ? null : (data as Project));
    else if (type === 'task:created' || type === 'task:updated') this.tasks.set(id, data as Task);
    else if (type === 'task:deleted') this.tasks.delete(id);
    else if (type.endsWith(':session_added') || type.endsWith(':session_removed'))
      this.#associate(type, data);
    else if (type === 'session:created') this.#made(data as WholeSession);
    else if (type === 'session:spawn') this.#made((data as { session: WholeSession }).session);
    else if (type === 'session:updated') this.#changeSession(data as SessionChange, timestamp);
    else if (type === 'session:deleted') this.sessions.delete(id);
    else if (type.startsWith('session:task_')) this.#associate(type, data);
    else if (type === 'queue:created' || type === 'queue:updated') this.#queue(data as QueueData);
  }

  #made(session: WholeSession): void {
    const known = this.sessions.get(session.id);
    this.sessions.set(session.id, { ...summaryOf(session), queue: known?.queue ?? null });
  }

  /** The two sides of an association come as facts of their own, each changes its own. */
  #associate(type: string, data: unknown): void {
    const { taskId, sessionId } = data as { taskId: string; sessionId: string };
    const isAdded = type.endsWith('added');
    const task = this.tasks.get(taskId);
    const session = this.sessions.get(sessionId);
    if (type.startsWith('task:') && task)
      this.tasks.set(taskId, { ...task, sessionIds: toggled(task.sessionIds, sessionId, isAdded) });
    if (type.startsWith('session:') && session)
      this.sessions.set(sessionId, { ...session, taskIds: toggled(session.taskIds, taskId, isAdded) });
  }

  #changeSession({ id, changes, appended }: SessionChange, at: number): void {
    const session = this.sessions.get(id);
    if (!session) {
      if ('status' in changes) this.onUnknown(id);
      return;
    }
    const added = appended?.timeline ?? [];
    const hasMoved = ['status', 'needsInput', 'overdue'].some((field) => field in changes);
    this.sessions.set(id, {
      ...session,
      ...changes,
      entries: session.entries + added.length,
      last: added.at(-1) ?? session.last,
      since: hasMoved ? at : session.since,
    });
  }

  #queue({ sessionId, queue }: QueueData): void {
    const session = this.sessions.get(sessionId);
    if (session) this.sessions.set(sessionId, { ...session, queue: progressOf(queue) });
  }

  #changed(): void {
    this.version += 1;
    if (this.#isTelling) return;
    this.#isTelling = true;
    // A window that is not seen gets no frames, and needs none; but its title tells who waits.
    const soon = document.hidden ? (tell: () => void) => void setTimeout(tell, 250) : requestAnimationFrame;
    soon(() => {
      this.#isTelling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

interface QueueData {
  sessionId: string;
  queue: Queue;
}

export function progressOf({ items }: Pick<Queue, 'items'>): NonNullable<Summary['queue']> {
  const stats = { total: items.length, queued: 0, processing: 0, completed: 0, failed: 0, skipped: 0 };
  for (const { status } of items) stats[status] += 1;
  return { ...stats, current: items.find(({ status }) => status === 'processing')?.taskId ?? null };
}

type WholeSession = Omit<Summary, 'entries' | 'last' | 'since' | 'queue'> & { timeline: TimelineEntry[] };

/** A whole session, as facts bring it, as a list shows it. */
function summaryOf({ timeline, ...session }: WholeSession): Summary {
  return {
    ...session,
    entries: timeline.length,
    last: timeline.at(-1) ?? null,
    since: session.lastActivity,
    queue: null,
  };
}

function put<T>(map: Map<string, T>, id: string, value: T | null): void {
  if (value === null) map.delete(id);
  else map.set(id, value);
}

const toggled = (ids: string[], id: string, isAdded: boolean): string[] => [
  ...ids.filter((each) => each !== id),
  ...(isAdded ? [id] : []),
];
