// A fact on the wire: serialised and framed at most once per view, however many clients watch. One that cannot be
// serialised is reported, and clients are asked to read anew in its place.
import type { Change } from '../domain/commit.ts';
import { asError } from '../domain/errors.ts';
import { isAboutItem, type Fact } from '../domain/facts.ts';
import type { AnyRecord } from '../domain/records.ts';
import type { Project } from '../domain/project.ts';
import type { JsonObject } from '../domain/fields.ts';
import type { Queue, QueueItem } from '../domain/queue.ts';
import type { Session } from '../domain/session.ts';
import type { Message } from './backlog.ts';
import { textFrame } from './frame.ts';
import { sessionJson } from './session-json.ts';
import { queueView, sessionChangesView, spawnView } from './views.ts';

/** A fact with the entity as it is to be shown, an immutable value; null when it is gone. */
export interface Told {
  fact: Fact;
  at: number;
  record: AnyRecord | null;
  /** For `session:spawn`. */
  project: Project | undefined;
  /** What the fact says beside its data: a manifest, an item. Asked for when it is serialised. */
  live: () => JsonObject;
  changes: Change[];
}

export type View = 'whole' | 'changes';

/**
 * Newer facts under the same key make this one superfluous for a client that does not keep up; null: it must arrive.
 * Only whole entities replace each other; deletions, associations, spawns and changes do not.
 */
export function replaceableKey({ type, kind, id, audience }: Fact, view: View): string | null {
  if (audience !== undefined) return null;
  const isWhole = type.endsWith(':created') || type.endsWith(':updated');
  if (!isWhole || (view === 'changes' && type === 'session:updated')) return null;
  return `${kind}/${id}/${type}`;
}

export class Envelope {
  readonly told: Told;
  readonly #onFault: (fault: Error) => void;
  #whole: Message | null = null;
  #changes: Message | null = null;

  /** @param onFault called when the fact cannot be serialised */
  constructor(told: Told, onFault: (fault: Error) => void) {
    this.told = told;
    this.#onFault = onFault;
  }

  /** What is sent; the small form is another one only for `session:updated`. */
  message(view: View): Message {
    const isSmall = view === 'changes' && this.told.fact.type === 'session:updated';
    if (isSmall) return (this.#changes ??= this.#enclose(() => JSON.stringify(smallOf(this.told))));
    return (this.#whole ??= this.#enclose(() => wholeOf(this.told)));
  }

  #enclose(serialise: () => string | Buffer): Message {
    const { fact, at } = this.told;
    try {
      const head = `{"type":"${fact.type}","event":"${fact.type}","data":`;
      const tail = `,"timestamp":${at},"seq":${fact.seq}}`;
      return { bytes: textFrame(head, serialise(), tail), holders: 0 };
    } catch (error) {
      const what = `${fact.type} of ${fact.kind} ${fact.id} (seq ${fact.seq}) cannot be sent`;
      this.#onFault(new Error(`${what}: ${asError(error).message}`, { cause: error }));
      return { bytes: textFrame(resyncText(fact.seq)), holders: 0 };
    }
  }
}

/** Asks a client to read anew over REST: something up to this number cannot be sent. */
export const resyncText = (seq: number): string => JSON.stringify({ type: 'resync', seq });

function wholeOf(told: Told): string | Buffer {
  const { fact, record } = told;
  const isSession = fact.kind === 'session' && /:(?:created|updated)$/.test(fact.type);
  // A fact's kind says what its record is.
  return isSession && record !== null ? sessionJson(record as Session) : JSON.stringify(dataOf(told));
}

function smallOf({ fact, record, changes }: Told): unknown {
  // A fact of a session carries a session's record.
  const isSpawned = (record as Session | null)?.spawn !== undefined;
  return sessionChangesView(fact.id, changes, isSpawned);
}

function dataOf({ fact, record, project, live }: Told): unknown {
  const { type, kind, id, data } = fact;
  if (type === 'session:spawn')
    return record && spawnView(record as Session, project, live()['manifest'] ?? null);
  if (isAboutItem(fact)) return { ...data, ...itemOf(live()['item'] as QueueItem) };
  if (data) return data;
  if (type.endsWith(':deleted')) return { id };
  // A fact's kind says what its record is.
  if (kind === 'queue') return record && { sessionId: id, queue: queueView(record as Queue) };
  return record;
}

const itemOf = (item: QueueItem): JsonObject => ({
  item,
  ...(item.status === 'failed' && { reason: item.failReason }),
});
