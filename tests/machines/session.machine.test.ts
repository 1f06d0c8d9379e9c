// Every state of the session's chart, every command in it, and a restart from it.
import { describe, expect, it } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import type { SessionCommand } from '../../src/domain/commands.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { commands, deadline, ordered, playSession, recordAfter, type SessionPlay } from './session-stage.ts';
import { innermost, placesOf, type Begun } from './stage.ts';
import { tableOf, type Row } from './table.ts';

/** What a client asks for by a status word. */
const statusWords = tableOf(`
                      spawn  idle  work    complete   fail    stop
  generatingManifest  =      idle  active  completed  failed  stopped
  expected            =      idle  active  completed  failed  stopped
  overdue             =      idle  active  completed  failed  stopped
  heard               =      idle  active  completed  failed  stopped
  idle                -      =     active  completed  failed  stopped
  active              -      idle  =       completed  failed  stopped
  needsInput          -      idle  active  completed  failed  stopped
  completed           -      idle  active  =          failed  stopped
  failed              -      idle  active  completed  =       stopped
  stopped             -      idle  active  completed  failed  =
`);

/** Everything else: words from the agent and about it, and results of effects. */
const otherWords = tableOf(`
                      ask         entry   word   settle  answer  claim  respawn             made      missed  passed
  generatingManifest  -           =       =      -       -       -      -                   expected  failed  -
  expected            -           heard   heard  -       -       =      -                   -         -       overdue
  overdue             -           heard   heard  -       -       =      generatingManifest  -         -       -
  heard               -           =       =      -       -       -      -                   -         -       -
  idle                -           =       =      -       -       -      -                   -         -       -
  active              needsInput  =       =      =       -       -      -                   -         -       -
  needsInput          =           active  =      active  active  -      -                   -         -       -
  completed           -           =       =      -       -       -      -                   -         -       -
  failed              -           =       =      -       -       -      generatingManifest  -         -       -
  stopped             -           =       =      -       -       -      -                   -         -       -
`);

/** The effects that run in a state; in all others none does. */
const effectsIn: Record<string, Begun[]> = {
  generatingManifest: [{ src: 'generateManifest', input: { id: 'sess_1', attempt: 1 } }],
  expected: [{ src: 'awaitDeadline', input: { id: 'sess_1', at: deadline } }],
};

const paths = new Map(
  getShortestPaths(sessionMachine, {
    input: { session: ordered() },
    events: Object.values(commands),
    serializeState: ({ value }) => JSON.stringify(value),
    limit: 1000,
  }).map(({ state, steps }) => [
    innermost(state.value),
    steps.flatMap(({ event }): SessionCommand[] => (event.type.startsWith('xstate.') ? [] : [event])),
  ]),
);

const playTo = (place: string): SessionPlay => playSession(ordered(), ...(paths.get(place) ?? []));

const words = Object.entries(commands);

it('every state is reached', () => {
  expect([...paths.keys()].sort()).toEqual(placesOf(sessionMachine).sort());
});

it('the tables show every state and every command', () => {
  const shown = new Set(words.map(([, { type }]) => type));
  expect([...shown].sort()).toEqual(
    sessionMachine.events.filter((type) => !type.startsWith('xstate.')).sort(),
  );
  for (const table of [statusWords, otherWords])
    expect([...table.keys()].sort()).toEqual(placesOf(sessionMachine).sort());
});

describe.each([...paths.keys()])('a session in %s', (place) => {
  const row: Row = { ...statusWords.get(place), ...otherWords.get(place) };

  it('takes and refuses what the tables say', () => {
    const answers = words.map(([word, command]) => {
      const play = playTo(place);
      if (!play.can(command)) return [word, '-'];
      play.send(command);
      return [word, play.place === place ? '=' : play.place];
    });
    expect(Object.fromEntries(answers)).toEqual(row);
  });

  it('is not changed by a command that it refuses', () => {
    for (const [word, command] of words.filter(([name]) => row[name] === '-')) {
      const play = playTo(place);
      const { value, context } = play.snapshot;
      const { effects } = play;
      expect(play.send(command), word).toEqual([]);
      expect(play.snapshot.value, word).toEqual(value);
      expect(play.snapshot.context, word).toBe(context);
      expect(identical(play.effects, effects), word).toBe(true);
    }
  });

  it('runs its effects and none else, and begins none again while it stays', () => {
    for (const [word, command] of words.filter(([name]) => row[name] === '=')) {
      const play = playTo(place);
      const { effects } = play;
      expect(effects).toEqual(effectsIn[place] ?? []);
      play.send(command);
      expect(identical(play.effects, effects), word).toBe(true);
    }
  });

  it('ends its effects when it is left', () => {
    for (const [word, command] of words.filter(([name]) => row[name] !== '-' && row[name] !== '=')) {
      const play = playTo(place);
      const { effects } = play;
      play.send(command);
      for (const effect of effects) expect(play.effects.includes(effect), word).toBe(false);
      expect(sources(play.effects), word).toEqual(sources(effectsIn[play.place] ?? []));
    }
  });

  it('starts from its record in the same state, with the same effects, and tells nothing', () => {
    const before = playTo(place);
    const after = playSession(recordAfter(ordered(), before));
    expect(after.snapshot.value).toEqual(before.snapshot.value);
    expect(remembered(after)).toEqual(remembered(before));
    expect(after.effects).toEqual(effectsIn[place] ?? []);
    expect(after.told).toEqual([]);
  });
});

const identical = (left: Begun[], right: Begun[]): boolean =>
  left.length === right.length && left.every((effect, index) => effect === right[index]);

const sources = (effects: Begun[]): string[] => effects.map(({ src }) => src);

/** `restored` says what the actor's own record said; all else must be the same. */
const remembered = ({ snapshot }: SessionPlay): object => ({ ...snapshot.context, restored: null });
