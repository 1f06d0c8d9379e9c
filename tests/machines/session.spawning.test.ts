// The contract's rules for spawns: the manifest, the deadline, the claim, another try. One by one.
import { describe, expect, it } from 'vitest';
import { fromCallback } from 'xstate';
import type { SessionCommand } from '../../src/domain/commands.ts';
import type { DeadlineInput, ManifestInput } from '../../src/machines/effects.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { commands, deadline, ordered, playSession, sessionRecord } from './session-stage.ts';
import { Play } from './stage.ts';

const { idle, work, complete, fail, stop, entry, word, claim, respawn, made, missed, passed } = commands;

const stale = (command: typeof made | typeof missed): SessionCommand => ({ ...command, attempt: 0 });

describe('a manifest', () => {
  it('that was made is kept, and the spawn is announced once', () => {
    const play = playSession(ordered());
    expect(play.send(made)).toEqual([{ type: 'announce' }]);
    expect(play.place).toBe('expected');
    expect(play.snapshot.context).toMatchObject({ manifestPath: '/m.json', deadline });
  });

  it('that could not be made fails the session, with the error on the timeline', () => {
    const play = playSession(ordered());
    expect(play.send(missed)).toEqual([
      { type: 'note', note: { type: 'error', message: 'exit code 1' } },
      {
        type: 'note',
        note: { type: 'session_stopped', message: 'Session failed: its manifest could not be made' },
      },
    ]);
    expect(play.place).toBe('failed');
    expect(play.snapshot.context).toMatchObject({ completedAt: 2000, manifestFailedAt: 2000 });
  });

  it.each([stale(made), stale(missed)])('of an older attempt ($type) is ignored', (result) => {
    const play = playSession(ordered());
    expect(play.can(result)).toBe(false);
    play.send(result);
    expect(play.place).toBe('generatingManifest');
  });

  it.each([made, missed])('that comes after the session was moved ($type) is ignored', (result) => {
    const play = playSession(ordered(), work);
    expect(play.can(result)).toBe(false);
    expect(play.send(result)).toEqual([]);
    expect(play.place).toBe('active');
  });

  it.each([idle, work, complete, fail, stop])('is no longer made when $type moves the session', (command) => {
    const play = playSession(ordered());
    expect(play.effects).toHaveLength(1);
    play.send(command);
    expect(play.effects).toEqual([]);
  });
});

describe('the deadline', () => {
  it('is armed again from the record after a restart, also when it is past', () => {
    const play = playSession(ordered({ phase: 'expected', deadline: 1 }));
    expect(play.effects).toEqual([{ src: 'awaitDeadline', input: { id: 'sess_1', at: 1 } }]);
  });

  it('that has not come yet is no reason to be overdue', () => {
    const play = playSession(ordered(), made);
    expect(play.can({ type: 'deadline.passed', at: deadline - 1 })).toBe(false);
  });

  it('that passes marks the session overdue, with an error on the timeline', () => {
    const play = playSession(ordered(), made);
    expect(play.send(passed)).toMatchObject([{ type: 'note', note: { type: 'error' } }]);
    expect(play.place).toBe('overdue');
    expect(play.snapshot.context.deadline).toBeNull();
  });

  it.each([entry, word, idle, work])('is over with a word from the agent: $type', (command) => {
    const play = playSession(ordered(), made, command);
    expect(play.effects).toEqual([]);
    expect(play.snapshot.context.deadline).toBeNull();
    expect(play.can(passed)).toBe(false);
  });
});

describe('an overdue session', () => {
  it.each([
    ['an entry', entry, 'heard'],
    ['an event', word, 'heard'],
    ['a status', idle, 'idle'],
    ['work', work, 'active'],
  ] as const)('is so no longer after a word from the agent: %s', (_, command, place) => {
    const play = playSession(ordered({ phase: 'overdue' }), command);
    expect(play.place).toBe(place);
    expect(play.told).toEqual([]);
  });

  it('stays overdue when a host claims it', () => {
    expect(playSession(ordered({ phase: 'overdue' }), claim).place).toBe('overdue');
  });
});

describe.each(['expected', 'overdue'] as const)('a spawn that is %s', (phase) => {
  it('is claimed by the first host that asks', () => {
    const play = playSession(ordered({ phase, deadline }), claim);
    expect(play.snapshot.context.claimedBy).toBe('host-a');
  });

  it('may be claimed by the same host again', () => {
    expect(playSession(ordered({ phase, deadline, claimedBy: 'host-a' })).can(claim)).toBe(true);
  });

  it('cannot be claimed by another host', () => {
    expect(playSession(ordered({ phase, deadline, claimedBy: 'host-b' })).can(claim)).toBe(false);
  });
});

describe('a respawn', () => {
  const failed = () =>
    ordered({
      status: 'failed',
      phase: undefined,
      attempt: 2,
      completedAt: 500,
      manifestFailedAt: 500,
      claimedBy: 'host-a',
      manifestPath: '/m.json',
    });

  it.each([
    ['failed', failed],
    ['overdue', () => ordered({ phase: 'overdue', attempt: 2, claimedBy: 'host-a' })],
  ])('of a session that is %s orders its manifest again, and says so', (_, record) => {
    const play = playSession(record());
    expect(play.send(respawn)).toEqual([
      { type: 'note', note: { type: 'milestone', message: 'Spawn tried again (attempt 3)' } },
    ]);
    expect(play.place).toBe('generatingManifest');
    expect(play.effects).toEqual([{ src: 'generateManifest', input: { id: 'sess_1', attempt: 3 } }]);
  });

  it('forgets how the last attempt ended and who had claimed it', () => {
    expect(playSession(failed(), respawn).snapshot.context).toMatchObject({
      attempt: 3,
      completedAt: null,
      deadline: null,
      claimedBy: null,
      manifestPath: null,
      manifestFailedAt: null,
    });
  });

  it.each([
    ['failed', sessionRecord({ status: 'failed', completedAt: 500 })],
    ['overdue', sessionRecord({ status: 'spawning', phase: 'overdue' })],
  ])('of a session that is %s and that no spawn made is refused', (_, record) => {
    expect(playSession(record).can(respawn)).toBe(false);
  });

  it('takes results of its own attempt only', () => {
    const play = playSession(failed(), respawn);
    expect(play.can({ ...made, attempt: 2 })).toBe(false);
    expect(play.can({ ...made, attempt: 3 })).toBe(true);
  });
});

describe('an effect that breaks', () => {
  const breaks = (): never => {
    throw new Error('broken');
  };

  it('while the manifest is made fails the session, and the timeline says so', () => {
    const machine = sessionMachine.provide({
      actors: { generateManifest: fromCallback<{ type: string }, ManifestInput>(breaks) },
    });
    const play = new Play(machine, { session: ordered() });
    expect(play.place).toBe('failed');
    expect(play.told).toMatchObject([{ note: { type: 'error' } }, { note: { type: 'session_stopped' } }]);
  });

  it('while the deadline is awaited makes the session overdue, and the timeline says so', () => {
    const machine = sessionMachine.provide({
      actors: { awaitDeadline: fromCallback<{ type: string }, DeadlineInput>(breaks) },
    });
    const play = new Play(machine, { session: ordered() });
    play.send(made);
    expect(play.place).toBe('overdue');
    expect(play.told).toMatchObject([{ type: 'announce' }, { note: { type: 'error' } }]);
  });
});
