// Rows of the board for tests of what is made of them.
import { rowOf, type SessionRow } from '../../src/cli/watch/session-row.ts';
import { Standing, type Item } from '../../src/cli/watch/standing.ts';

/** When these tests look. */
export const now = 1_800_000_000_000;

export const rowWith = (id: string, more: Record<string, unknown> = {}): SessionRow =>
  rowOf({
    ...{ id, name: `Session ${id}`, status: 'idle', strategy: 'simple', taskIds: [], since: now - 1000 },
    ...{ last: null, ...more },
  });

export function standingOf(rows: SessionRow[], queues: Record<string, Item[]> = {}): Standing {
  const standing = new Standing();
  standing.replace({ rows, queues: new Map(Object.entries(queues)) });
  return standing;
}

export const asking = (message: string) => ({ status: 'working', needsInput: { active: true, message } });
