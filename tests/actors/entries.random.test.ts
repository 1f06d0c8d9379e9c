// Entries in one PATCH lead where the same entries lead one after the other.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addEntries } from '../../src/actors/sessions.ts';
import type { Session, SessionStatus } from '../../src/domain/session.ts';
import type { TimelineDraft } from '../../src/domain/timeline.ts';
import { Harness } from './harness.ts';

const draft: fc.Arbitrary<TimelineDraft> = fc.record({
  id: fc.option(fc.constantFrom('evt_a', 'evt_b', 'evt_c'), { nil: undefined, freq: 2 }),
  type: fc.constantFrom('needs_input' as const, 'progress' as const, 'error' as const),
  message: fc.option(fc.constantFrom('One', 'Two'), { nil: undefined }),
});

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

/** All that does not depend on how many turns it took; ids that were made are left out. */
function outcome(session: Session): object {
  const { moves, timeline, needsInput, ...fields } = session;
  const indexOf = (id: string | undefined) => timeline.slice().findIndex((entry) => entry.id === id);
  return {
    ...fields,
    needsInput: needsInput && { ...needsInput, entryId: indexOf(needsInput.entryId) },
    since: moves.at(-1)?.at,
    state: moves.at(-1)?.to,
    timeline: timeline.slice().map(({ type, message }) => ({ type, message })),
  };
}

async function play(harness: Harness, id: string, asking: boolean, batches: TimelineDraft[][]) {
  if (asking) await harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'needs_input' }]));
  harness.clock.advance(1000);
  for (const entries of batches)
    await harness.tell(id, (turn, session) => addEntries(turn, session, entries));
  return outcome(harness.session(id));
}

it(`a batch of entries has the outcome of its entries one by one (seed ${seed})`, async () => {
  const status = fc.constantFrom<SessionStatus>('working', 'idle', 'completed', 'spawning');
  const scenario = fc.record({ status, asking: fc.boolean(), entries: fc.array(draft, { maxLength: 6 }) });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ status, asking, entries }) => {
      const ends = [];
      for (const batches of [[entries], entries.map((entry) => [entry])]) {
        const harness = new Harness();
        const id = await harness.created({ id: 'sess_a', status });
        ends.push(await play(harness, id, asking, batches));
        await harness.close();
      }
      expect(ends[0]).toEqual(ends[1]);
    }),
    { seed, numRuns: 150 },
  );
});
