// What holds in a session whatever is asked of it, in whatever order, with restarts in between.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SessionCommand } from '../../src/domain/commands.ts';
import { seed } from './chance.ts';
import { commands, ordered, playSession, recordAfter, type SessionPlay } from './session-stage.ts';

type Step = SessionCommand | 'restart';

const attempt = fc.integer({ min: 1, max: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>(...Object.values(commands), 'restart'),
  fc.constantFrom('host-a', 'host-b').map((host): Step => ({ ...commands.claim, host })),
  attempt.map((of): Step => ({ ...commands.made, attempt: of })),
  attempt.map((of): Step => ({ ...commands.missed, attempt: of })),
);

const steps = fc.array(step, { minLength: 1, maxLength: 40 });

/** Plays the steps, and lets `look` judge the session after each. */
function playAll(played: Step[], look: (play: SessionPlay, before: SessionPlay['snapshot']) => void): void {
  const session = ordered();
  let play = playSession(session);
  for (const each of played) {
    const before = play.snapshot;
    if (each === 'restart') {
      const record = recordAfter(session, play);
      play.leave();
      play = playSession(record);
      expect(play.snapshot.value).toEqual(before.value);
      expect({ ...play.snapshot.context, restored: null }).toEqual({ ...before.context, restored: null });
      expect(play.told).toEqual([]);
    } else play.send(each);
    look(play, before);
  }
  play.leave();
}

const check = (look: Parameters<typeof playAll>[1]): void => {
  fc.assert(
    fc.property(steps, (played) => {
      playAll(played, look);
    }),
    { seed, numRuns: 200 },
  );
};

it(`completedAt is set in an ended session and in no other (seed ${seed})`, () => {
  check(({ snapshot: { context, tags } }) => {
    expect(context.completedAt !== null).toBe(tags.has('ended'));
  });
});

it(`a question is open in needsInput and nowhere else (seed ${seed})`, () => {
  check(({ place, snapshot: { context } }) => {
    expect(context.needsInput?.active === true).toBe(place === 'needsInput');
  });
});

it(`a deadline is set while the agent is expected and at no other time (seed ${seed})`, () => {
  check(({ place, snapshot: { context } }) => {
    expect(context.deadline !== null).toBe(place === 'expected');
  });
});

it(`attempts are counted up, and only by a respawn that orders a manifest (seed ${seed})`, () => {
  check(({ place, snapshot: { context } }, before) => {
    if (context.attempt === before.context.attempt) return;
    expect(context.attempt).toBe(before.context.attempt + 1);
    expect(place).toBe('generatingManifest');
  });
});

it(`a claim is kept until a respawn (seed ${seed})`, () => {
  check(({ snapshot: { context } }, before) => {
    if (before.context.claimedBy === null || context.attempt !== before.context.attempt) return;
    expect(context.claimedBy).toBe(before.context.claimedBy);
  });
});
