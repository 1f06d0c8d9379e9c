// The contract's rules for needsInput, one by one.
import { describe, expect, it } from 'vitest';
import { commands, ordered, playSession, sessionRecord, type SessionPlay } from './session-stage.ts';

const { work, idle, complete, fail, stop, ask, entry, word, settle, answer } = commands;

const asking = (): SessionPlay => playSession(sessionRecord({ status: 'working' }), ask);

const isSettled = (play: SessionPlay): void => {
  expect(play.snapshot.context.needsInput).toEqual({ active: false });
};

describe('a question', () => {
  it('of a working session opens needsInput, with its message, its time and its entry', () => {
    const play = asking();
    expect(play.place).toBe('needsInput');
    expect(play.snapshot.context.needsInput).toEqual({
      active: true,
      message: 'Which one?',
      since: 2000,
      entryId: 'evt_1',
    });
  });

  it('without a message opens needsInput without one', () => {
    const play = playSession(sessionRecord({ status: 'working' }), {
      type: 'session.ask',
      at: 7,
      entryId: 'evt_2',
    });
    expect(play.snapshot.context.needsInput).toEqual({ active: true, since: 7, entryId: 'evt_2' });
  });

  it('takes the place of the one before', () => {
    const play = asking();
    play.send({ type: 'session.ask', at: 9, entryId: 'evt_3' });
    expect(play.snapshot.context.needsInput).toEqual({ active: true, since: 9, entryId: 'evt_3' });
  });

  it('writes nothing on the timeline by itself: it stands there already', () => {
    expect(asking().told).toEqual([]);
  });
});

describe('an open question is cleared', () => {
  it.each([
    ['by working again', work],
    ['by needsInput that is not active', settle],
    ['by an entry of another type', entry],
    ['by an answer', answer],
  ])('%s, and the session works on', (_, command) => {
    const play = asking();
    play.send(command);
    expect(play.place).toBe('active');
    isSettled(play);
    expect(play.told).toEqual([]);
  });

  it.each([idle, complete, fail, stop])('on leaving working by $type', (command) => {
    const play = asking();
    play.send(command);
    isSettled(play);
  });
});

describe('an open question stays open', () => {
  it('when the agent sends an event', () => {
    const play = asking();
    play.send(word);
    expect(play.snapshot.context.needsInput?.active).toBe(true);
  });

  it('when another entry of its own type is only heard', () => {
    const play = asking();
    play.send({ type: 'session.hear', at: 2000, entry: 'needs_input' });
    expect(play.place).toBe('needsInput');
    expect(play.snapshot.context.needsInput?.active).toBe(true);
  });
});

describe('needsInput', () => {
  it('is not there in a session that never asked', () => {
    const play = playSession(ordered(), work, settle, entry, work, idle, work, stop);
    expect(play.snapshot.context.needsInput).toBeNull();
  });

  it.each(['spawning', 'idle', 'completed', 'failed', 'stopped'] as const)(
    'of an old record that is %s is not open, and neither is it after a resume',
    (status) => {
      const play = playSession(sessionRecord({ status, needsInput: { active: true, message: 'Old?' } }));
      isSettled(play);
      play.send(work);
      expect(play.place).toBe('active');
      isSettled(play);
    },
  );
});
