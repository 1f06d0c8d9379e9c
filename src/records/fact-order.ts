// The order of a commit's facts: what a client needs to know first comes first. Within a rank, as they were told.
import type { FactDraft, FactType } from '../domain/facts.ts';

const rank: Record<FactType, number> = {
  'session:spawn': 0,
  'project:created': 1,
  'task:created': 1,
  'session:created': 1,
  'queue:created': 1,
  'template:created': 1,
  'session:task_added': 2,
  'session:task_removed': 2,
  'task:session_added': 2,
  'task:session_removed': 2,
  'queue:item_started': 3,
  'queue:item_completed': 3,
  'queue:item_failed': 3,
  'queue:item_skipped': 3,
  'queue:item_pushed': 3,
  'project:updated': 4,
  'template:updated': 4,
  'task:updated': 5,
  'session:updated': 6,
  'queue:updated': 7,
  'session:deleted': 8,
  'task:deleted': 8,
  'project:deleted': 8,
  'template:deleted': 8,
};

/** There may be tens of thousands: they are dealt out to their ranks, not compared. */
export function inOrder(facts: readonly FactDraft[]): FactDraft[] {
  const ranks: FactDraft[][] = [];
  for (const fact of facts) (ranks[rank[fact.type]] ??= []).push(fact);
  return ranks.flat();
}
