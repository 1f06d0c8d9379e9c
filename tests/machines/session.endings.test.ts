// The contract's rules for endings, corrected outcomes and resumes, one by one.
import { describe, expect, it } from 'vitest';
import { commands, playSession, sessionRecord, type SessionPlay } from './session-stage.ts';

const { work, idle, complete, fail, stop, entry, word } = commands;

const endings = [
  { command: complete, status: 'completed', sentence: 'Session completed' },
  { command: fail, status: 'failed', sentence: 'Session failed' },
  { command: stop, status: 'stopped', sentence: 'Session stopped' },
] as const;

const corrections = endings.flatMap(({ status: from }) =>
  endings.filter(({ status }) => status !== from).map(({ command, status: to }) => ({ from, command, to })),
);

const resumes = endings.flatMap(({ status: from }) => [
  { from, command: work, to: 'active' },
  { from, command: idle, to: 'idle' },
]);

const endedRecord = (status: 'completed' | 'failed' | 'stopped'): SessionPlay =>
  playSession(sessionRecord({ status, completedAt: 500 }));

describe('ending', () => {
  it.each(endings)('by $command.type sets completedAt and writes session_stopped', (ending) => {
    const play = playSession(sessionRecord({ status: 'working' }));
    expect(play.send(ending.command)).toEqual([
      { type: 'note', note: { type: 'session_stopped', message: ending.sentence } },
    ]);
    expect(play.place).toBe(ending.status);
    expect(play.snapshot.context.completedAt).toBe(2000);
  });

  it('says why a session failed', () => {
    const play = playSession(sessionRecord({ status: 'idle' }));
    expect(play.send({ type: 'session.fail', at: 2000, reason: 'no disk' })).toEqual([
      { type: 'note', note: { type: 'session_stopped', message: 'Session failed: no disk' } },
    ]);
  });

  it.each(endings)('as $status a second time keeps completedAt and writes nothing', (ending) => {
    const play = endedRecord(ending.status);
    expect(play.send(ending.command)).toEqual([]);
    expect(play.snapshot.context.completedAt).toBe(500);
  });
});

describe('an ended session', () => {
  it.each(corrections)('that is $from is corrected to $to: completedAt stays', ({ from, command, to }) => {
    const play = endedRecord(from);
    expect(play.send(command)).toEqual([
      { type: 'note', note: { type: 'milestone', message: `Outcome corrected: the session is ${to}` } },
    ]);
    expect(play.place).toBe(to);
    expect(play.snapshot.context.completedAt).toBe(500);
  });

  it.each(resumes)('that is $from is resumed by $command.type: completedAt is null', (resume) => {
    const play = endedRecord(resume.from);
    expect(play.send(resume.command)).toEqual([
      { type: 'note', note: { type: 'session_started', message: 'Session resumed' } },
    ]);
    expect(play.place).toBe(resume.to);
    expect(play.snapshot.context.completedAt).toBeNull();
  });

  it('that was resumed ends anew, with a completedAt of its own', () => {
    const play = endedRecord('completed');
    play.send(work);
    play.send({ type: 'session.stop', at: 3000 });
    expect(play.snapshot.context.completedAt).toBe(3000);
  });

  it.each(endings)('that is $status takes late reports and stays as it is', ({ status }) => {
    const play = endedRecord(status);
    const { context } = play.snapshot;
    expect([...play.send(entry), ...play.send(word)]).toEqual([]);
    expect(play.place).toBe(status);
    expect(play.snapshot.context).toEqual(context);
  });
});
