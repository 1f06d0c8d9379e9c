// The text of a commit, and what of it is told with a fact.
import { expect, test } from 'vitest';
import type { Change, Commit } from '../../src/domain/commit.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { CommitText } from '../../src/storage/commit-text.ts';

/** A commit that changes so many sessions and tells each; counts how often a change is asked for its kind. */
function counted(sessions: number): { commit: Commit; looks: () => number } {
  let looks = 0;
  const ids = Array.from({ length: sessions }, (_, index) => `sess_${index}`);
  const changes = ids.map((id) => ({
    op: 'set' as const,
    get kind() {
      looks += 1;
      return 'session' as const;
    },
    id,
    fields: { name: id },
  }));
  const facts = ids.map(
    (id, index): Fact => ({ seq: index + 1, type: 'session:updated', kind: 'session', id, projectId: 'p' }),
  );
  return { commit: { number: 1, at: 1, changes, facts, images: [] }, looks: () => looks };
}

test('what each fact tells costs no look at all the other changes', async () => {
  const { commit, looks } = counted(2_000);
  const text = new CommitText(commit);
  await text.ready;
  for (const fact of commit.facts)
    expect(JSON.parse(text.changesOf(fact))).toMatchObject([{ id: fact.id, fields: { name: fact.id } }]);
  expect(looks()).toBeLessThan(10 * 2_000);
});

test('is the same whether it was made at once or in slices', async () => {
  const texts: string[] = [];
  for (const count of [3, 600]) {
    const { commit } = counted(count);
    const text = new CommitText(commit);
    await text.ready;
    const plain: Change[] = commit.changes.map((change) => ({ ...change }));
    expect(text.text).toBe(JSON.stringify({ number: 1, at: 1, changes: plain, facts: commit.facts }));
    texts.push(text.text);
  }
  expect(texts).toHaveLength(2);
});
