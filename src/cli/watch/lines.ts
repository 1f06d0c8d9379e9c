// A fact as lines for a person: who, and what has become true.
import { z } from 'zod';
import type { Message } from '../connection.ts';
import { inOneCell } from '../text.ts';

const Entry = z.looseObject({ type: z.string(), message: z.string().optional() });

/** `session:updated` with `view=changes`: the fields that changed, the entries that came. */
const Changed = z.looseObject({
  id: z.string(),
  changes: z.looseObject({
    status: z.string().optional(),
    needsInput: z.looseObject({ active: z.boolean() }).nullish(),
    overdue: z.boolean().nullish(),
  }),
  appended: z.looseObject({ timeline: z.array(Entry).default([]) }).optional(),
});

const Named = z.looseObject({ id: z.string(), name: z.string().optional(), title: z.string().optional() });
const Spawned = z.looseObject({ session: Named });
const Task = z.looseObject({ title: z.string(), status: z.string(), sessionStatus: z.string().optional() });
const Item = z.looseObject({ sessionId: z.string(), taskId: z.string(), reason: z.string().optional() });

/** Names that are kept; for what was heard of longer ago the id is shown. */
const mostNames = 10_000;

export class FactLines {
  /** What was heard of last stands last. */
  readonly #names = new Map<string, string>();

  /** From now on this session or task is called by its name. */
  name(id: string, name: string): void {
    this.#names.delete(id);
    this.#names.set(id, name);
    const [oldest] = this.#names.keys();
    if (this.#names.size > mostNames && oldest !== undefined) this.#names.delete(oldest);
  }

  /** The lines for a fact; none for one that tells a person nothing. */
  of({ type, data }: Message): string[] {
    const named = Named.safeParse(type === 'session:spawn' ? Spawned.safeParse(data).data?.session : data);
    const name = named.data?.name ?? named.data?.title;
    if (named.success && name !== undefined) this.name(named.data.id, name);
    const lines = this.#linesOf(type, data, named.data?.id);
    if (type.endsWith(':deleted') && named.success) this.#names.delete(named.data.id);
    return lines;
  }

  #linesOf(type: string, data: unknown, id: string | undefined): string[] {
    switch (type) {
      case 'session:updated':
        return this.#sessionChanged(data);
      case 'session:spawn':
      case 'session:created':
      case 'session:deleted':
      case 'project:created':
      case 'project:deleted':
      case 'task:created':
      case 'task:deleted':
        return id === undefined ? [] : [line(type, this.#called(id))];
      case 'task:updated':
        return taskChanged(data);
      case 'queue:item_started':
      case 'queue:item_completed':
      case 'queue:item_failed':
      case 'queue:item_skipped':
      case 'queue:item_pushed':
        return this.#queueMoved(type, data);
      default:
        return [];
    }
  }

  #sessionChanged(data: unknown): string[] {
    const parsed = Changed.safeParse(data);
    if (!parsed.success) return [];
    const { id, changes, appended } = parsed.data;
    const who = this.#called(id);
    return [
      ...(changes.status === undefined ? [] : [line('session', who, `is ${changes.status}`)]),
      ...(changes.overdue ? [line('session', who, 'is overdue')] : []),
      ...(appended?.timeline ?? []).map(({ type, message }) => line(type, who, message ?? '')),
      ...(changes.needsInput?.active
        ? [line('session', who, `waits: maestro session answer ${id} <text>`)]
        : []),
    ];
  }

  #queueMoved(type: string, data: unknown): string[] {
    const parsed = Item.safeParse(data);
    if (!parsed.success) return [];
    const { sessionId, taskId, reason } = parsed.data;
    return [line(type, this.#called(sessionId), this.#called(taskId), reason ?? '')];
  }

  #called(id: string): string {
    const name = this.#names.get(id);
    return name === undefined ? id : `${name} (${id})`;
  }
}

function taskChanged(data: unknown): string[] {
  const task = Task.safeParse(data);
  if (!task.success) return [];
  const { title, status, sessionStatus } = task.data;
  return [
    line(
      'task',
      title,
      `is ${status}${sessionStatus === undefined ? '' : `, for its session ${sessionStatus}`}`,
    ),
  ];
}

const line = (...words: string[]): string => words.filter(Boolean).map(inOneCell).join('  ');
