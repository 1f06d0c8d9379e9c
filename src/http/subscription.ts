// Which facts a watcher asked for, and in which form. Watchers that asked for the same share what is sent to them.
import { isAboutItem, type Fact } from '../domain/facts.ts';
import type { Told, View } from './envelope.ts';

/** The 14 facts of a plain connection; `topics` add those of the same name. */
export type Topic = 'core' | 'queue' | 'template';

export class Subscription {
  readonly view: View;
  readonly #topics: ReadonlySet<Topic>;
  readonly #projectId: string | null;
  /** The same for subscriptions to the same. */
  readonly key: string;

  constructor(view: View, topics: ReadonlySet<Topic>, projectId: string | null) {
    this.view = view;
    this.#topics = topics;
    this.#projectId = projectId;
    this.key = JSON.stringify([view, [...topics].sort(), projectId]);
  }

  /** Whether a fact is of what was asked for, and of an entity that is still there. */
  wants({ fact, record }: Told): boolean {
    if (!this.#topics.has(topicOf(fact))) return false;
    if (fact.audience !== undefined && fact.audience !== this.view) return false;
    if (this.#projectId !== null && fact.projectId !== null && fact.projectId !== this.#projectId)
      return false;
    const isEntity = fact.data === undefined && !fact.type.endsWith(':deleted');
    const needsRecord = isEntity || fact.type === 'session:spawn' || isAboutItem(fact);
    return record !== null || !needsRecord;
  }
}

function topicOf({ type }: Fact): Topic {
  if (type.startsWith('queue:')) return 'queue';
  return type.startsWith('template:') ? 'template' : 'core';
}

/** @param query of the upgrade: `view`, `topics`, `projectId` */
export function subscriptionOf(query: URLSearchParams): Subscription {
  const words = (query.get('topics') ?? '').split(',');
  const topics = new Set<Topic>(['core']);
  for (const topic of ['queue', 'template'] as const)
    if (words.includes(topic) || words.includes('all')) topics.add(topic);
  const view = query.get('view') === 'changes' ? 'changes' : 'whole';
  return new Subscription(view, topics, query.get('projectId') || null);
}
