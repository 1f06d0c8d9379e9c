// What is known of the session that was opened: its timeline and what is possible next.
import { z } from 'zod';
import type { Message } from '../connection.ts';
import { Changed, Entry, type SessionRow } from './session-row.ts';

/** Entries that are kept; the newest. */
const mostEntries = 500;

const Step = z.looseObject({ event: z.string(), to: z.string().nullable() });

/** `GET /api/sessions/{id}/state`. */
export const StateRead = z.looseObject({
  value: z.string(),
  next: z.array(Step),
  queue: z.looseObject({ value: z.string(), next: z.array(Step) }).nullable(),
});
export type StateRead = z.infer<typeof StateRead>;

export const TimelineRead = z.looseObject({ timeline: z.array(Entry).default([]) });

export class Story {
  readonly id: string;
  /** As it was last on the board, which an ended session leaves. */
  row: SessionRow;
  #entries: readonly Entry[] | null = null;
  state: StateRead | null = null;
  /** How many entries the session has, those included that are not kept. */
  #length = 0;
  /** Whether entries were missed: the story is to be read anew. */
  isIncomplete = false;

  constructor(row: SessionRow) {
    this.id = row.id;
    this.row = row;
  }

  /** Oldest first; null before they were read. */
  get entries(): readonly Entry[] | null {
    return this.#entries;
  }

  /** What was heard while it was read may be newer. */
  begin(read: readonly Entry[]): void {
    this.#length = Math.max(this.#length, read.length);
    this.isIncomplete = false;
    this.#entries = joined(read, this.#entries ?? []);
  }

  /** @returns whether it is about this session, whose state may have changed with it */
  hear({ type, data }: Message): boolean {
    if (type.startsWith('queue:'))
      return z.looseObject({ sessionId: z.string() }).safeParse(data).data?.sessionId === this.id;
    if (type !== 'session:updated') return false;
    const told = Changed.safeParse(data).data;
    if (told?.id !== this.id) return false;
    const added = told.appended?.timeline ?? [];
    const at = told.appendedAt?.timeline ?? this.#length;
    if (this.#entries && at > this.#length) this.isIncomplete = true;
    this.#length = Math.max(this.#length, at + added.length);
    this.#entries = joined(this.#entries ?? [], added);
    return true;
  }
}

/** Each entry once. */
function joined(entries: readonly Entry[], more: readonly Entry[]): Entry[] {
  const known = new Set(entries.map(({ id }) => id));
  return [...entries, ...more.filter(({ id }) => !known.has(id))].slice(-mostEntries);
}
