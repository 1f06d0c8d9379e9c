// A fact on the wire. Each is serialised at most once for each of its two forms, whoever many watch.
import type { Change } from '../domain/commit.ts';
import type { Fact } from '../domain/facts.ts';
import type { AnyRecord } from '../domain/records.ts';
import type { Project } from '../domain/project.ts';
import type { Queue } from '../domain/queue.ts';
import type { Session } from '../domain/session.ts';
import type { Message } from './backlog.ts';
import { sessionJson } from './session-json.ts';
import { queueView, sessionChangesView, spawnView } from './views.ts';

/** A fact with the entity as it is to be shown, an immutable value; null when it is gone. */
export interface Told {
  fact: Fact;
  at: number;
  record: AnyRecord | null;
  /** For `session:spawn`. */
  project: Project | undefined;
  changes: Change[];
}

export type View = 'whole' | 'changes';

/** The 14 facts of a plain connection; `topics` add those of the same name. */
export type Topic = 'core' | 'queue' | 'template';

export function topicOf({ type }: Fact): Topic {
  if (type.startsWith('queue:')) return 'queue';
  return type.startsWith('template:') ? 'template' : 'core';
}

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
  #whole: Message | null = null;
  #changes: Message | null = null;

  constructor(told: Told) {
    this.told = told;
  }

  /** What is sent; the small form is another one only for `session:updated`. */
  message(view: View): Message {
    const isSmall = view === 'changes' && this.told.fact.type === 'session:updated';
    if (isSmall) return (this.#changes ??= this.#serialise(smallOf(this.told)));
    return (this.#whole ??= this.#wholeMessage());
  }

  #wholeMessage(): Message {
    const { fact, record } = this.told;
    const isSession = fact.kind === 'session' && /:(?:created|updated)$/.test(fact.type);
    if (!isSession || record === null) return this.#serialise(dataOf(this.told));
    // A fact's kind says what its record is.
    return this.#enclose(sessionJson(record as Session));
  }

  #serialise(data: unknown): Message {
    return this.#enclose(JSON.stringify(data));
  }

  #enclose(data: string | Buffer): Message {
    const { fact, at } = this.told;
    const head = `{"type":"${fact.type}","event":"${fact.type}","data":`;
    const tail = `,"timestamp":${at},"seq":${fact.seq}}`;
    const bytes =
      typeof data === 'string'
        ? Buffer.from(head + data + tail)
        : Buffer.concat([Buffer.from(head), data, Buffer.from(tail)]);
    return { bytes, holders: 0 };
  }
}

function smallOf({ fact, record, changes }: Told): unknown {
  // A fact of a session carries a session's record.
  const isSpawned = (record as Session | null)?.spawn !== undefined;
  return sessionChangesView(fact.id, changes, isSpawned);
}

function dataOf({ fact, record, project }: Told): unknown {
  const { type, kind, id, data } = fact;
  if (type === 'session:spawn')
    return record && spawnView(record as Session, project, data?.['manifest'] ?? null);
  if (data) return data;
  if (type.endsWith(':deleted')) return { id };
  // A fact's kind says what its record is.
  if (kind === 'queue') return record && { sessionId: id, queue: queueView(record as Queue) };
  return record;
}
