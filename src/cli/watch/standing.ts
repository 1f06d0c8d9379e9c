// All that the board shows, as the server last told it: the sessions that are looked at, their queues, titles of tasks.
// B1. What is told while the sessions are being read is heard after it: the newest word wins.
import { z } from 'zod';
import type { Message } from '../connection.ts';
import { Changed, rowAfter, rowOfNew, stateOf, Whole, type SessionRow } from './session-row.ts';

const Item = z.looseObject({ taskId: z.string(), status: z.string() });
export type Item = z.infer<typeof Item>;

const QueueTold = z.looseObject({ sessionId: z.string(), queue: z.looseObject({ items: z.array(Item) }) });
export const QueueRead = z.looseObject({ items: z.array(Item) });
const Gone = z.looseObject({ id: z.string() });
const Spawned = z.looseObject({ session: Whole });
const TaskTold = z.looseObject({ id: z.string(), title: z.string() });

/** A failure is something for a person to see; an old one no longer is. */
export const failedShownMs = 15 * 60_000;

/** Of one queue; of others the id is shown. */
const mostTitles = 200;

/** Titles that are kept beyond those that are shown. */
const mostTitlesKept = 2_000;

const ended = new Set(['completed', 'failed', 'stopped']);

/** What the server had when it was asked. */
export interface Read {
  rows: readonly SessionRow[];
  queues: ReadonlyMap<string, readonly Item[]>;
}

export class Standing {
  #rows = new Map<string, SessionRow>();
  #queues = new Map<string, readonly Item[]>();
  #mostTitles = mostTitlesKept;
  /** Only of tasks that were asked for. */
  readonly #titles = new Map<string, string>();

  replace({ rows, queues }: Read): void {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#queues = new Map(queues);
    const used = this.#tasksInWork();
    for (const [id, title] of this.#titles) if (!used.has(id) || title === id) this.#titles.delete(id);
  }

  #tasksInWork(): Set<string> {
    return new Set([...this.#rows.values()].flatMap((row) => taskOf(row, this.queueOf(row.id)) ?? []));
  }

  /** @returns whether the sessions must be read anew, as it speaks of one that is not known */
  hear({ type, data, timestamp = 0 }: Message): boolean {
    switch (type) {
      case 'session:created':
        this.#add(Whole.safeParse(data).data);
        return false;
      case 'session:spawn':
        this.#add(Spawned.safeParse(data).data?.session);
        return false;
      case 'session:updated':
        return this.#change(Changed.safeParse(data).data, timestamp);
      case 'session:deleted':
        this.#remove(Gone.safeParse(data).data?.id);
        return false;
      case 'queue:created':
      case 'queue:updated':
        this.#setQueue(QueueTold.safeParse(data).data);
        return false;
      case 'task:updated': {
        const task = TaskTold.safeParse(data).data;
        if (task && this.#titles.has(task.id)) this.#titles.set(task.id, task.title);
        return false;
      }
      default:
        return false;
    }
  }

  /** Those that live and those that failed a short while ago; who needs a person first, the longest wait before. */
  rows(now: number): SessionRow[] {
    for (const { id, status, since } of this.#rows.values())
      if (status === 'failed' && now - since > failedShownMs) this.#remove(id);
    return [...this.#rows.values()].sort(
      (one, other) => rankOf(one) - rankOf(other) || one.since - other.since || (one.id < other.id ? -1 : 1),
    );
  }

  row(id: string): SessionRow | undefined {
    return this.#rows.get(id);
  }

  queueOf(id: string): readonly Item[] | undefined {
    return this.#queues.get(id);
  }

  titleOf(taskId: string): string | undefined {
    return this.#titles.get(taskId);
  }

  setTitle(taskId: string, title: string): void {
    this.#titles.set(taskId, title);
    if (this.#titles.size <= this.#mostTitles) return;
    const used = this.#tasksInWork();
    for (const id of this.#titles.keys()) if (!used.has(id) && id !== taskId) this.#titles.delete(id);
    // More sessions than that may be at work.
    this.#mostTitles = Math.max(mostTitlesKept, 2 * this.#titles.size);
  }

  /** Tasks that are shown and have no title yet; of the session that is open, those of its queue. */
  untitled(open: string | undefined): string[] {
    const ofOpen = (open === undefined ? undefined : this.queueOf(open)) ?? [];
    const shown = [...this.#tasksInWork(), ...ofOpen.slice(0, mostTitles).map(({ taskId }) => taskId)];
    return [...new Set(shown)].filter((id) => !this.#titles.has(id));
  }

  #add(session: Whole | undefined): void {
    if (session && !ended.has(session.status)) this.#rows.set(session.id, rowOfNew(session));
  }

  #change(told: Changed | undefined, at: number): boolean {
    if (!told) return false;
    const row = this.#rows.get(told.id);
    const { status } = told.changes;
    // An ended one has been taken up again, or one has failed before it was seen.
    if (!row) return status !== undefined && (!ended.has(status) || status === 'failed');
    const after = rowAfter(row, told, at);
    if (after.status === 'completed' || after.status === 'stopped') this.#remove(row.id);
    else this.#rows.set(row.id, after);
    return false;
  }

  #remove(id: string | undefined): void {
    if (id === undefined) return;
    this.#rows.delete(id);
    this.#queues.delete(id);
  }

  /** Of a session that is looked at; the queue of a new one is told after it. */
  #setQueue(told: z.infer<typeof QueueTold> | undefined): void {
    if (told && this.#rows.has(told.sessionId)) this.#queues.set(told.sessionId, told.queue.items);
  }
}

/** The task in work: its queue's, or else the one that it last spoke of, or else its first. */
export function taskOf(
  { last, taskIds }: SessionRow,
  queue: readonly Item[] | undefined,
): string | undefined {
  if (queue) return queue.find(({ status }) => status === 'processing')?.taskId;
  return last?.taskId ?? taskIds[0];
}

/** `3/8`: how many of its queue's tasks are over. */
export function progressOf(queue: readonly Item[] | undefined): string {
  if (!queue) return '';
  const waiting = queue.filter(({ status }) => status === 'queued' || status === 'processing').length;
  return `${queue.length - waiting}/${queue.length}`;
}

const ranks = ['needs input', 'failed', 'overdue', 'working', 'spawning', 'idle'];

const rankOf = (row: SessionRow): number => {
  const rank = ranks.indexOf(stateOf(row));
  return rank === -1 ? ranks.length : rank;
};
