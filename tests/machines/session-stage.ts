// Sessions on the stage, with effects that only note that they run.
import { fromCallback, type StateValue } from 'xstate';
import type { z } from 'zod';
import type { SessionCommand } from '../../src/domain/commands.ts';
import { Session, type SessionStatus, type SpawnPhase } from '../../src/domain/session.ts';
import type { DeadlineInput, ManifestInput } from '../../src/machines/effects.ts';
import { fieldsOf, type SessionPlace } from '../../src/machines/session.context.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { type Begun, innermost, Play } from './stage.ts';

export type SessionPlay = Play<typeof sessionMachine>;

export const deadline = 5000;

/** A record as it is read from a file. */
export const sessionRecord = (fields: Partial<z.input<typeof Session>> = {}): Session =>
  Session.parse({
    id: 'sess_1',
    projectId: 'proj_1',
    name: 'Worker',
    startedAt: 100,
    lastActivity: 100,
    ...fields,
  });

export const spawn = {
  role: 'worker',
  skills: [],
  model: 'sonnet',
  spawnSource: 'ui',
  spawnedBy: null,
  context: {},
} as const;

/** A spawn that was just ordered. */
export const ordered = (fields: Partial<z.input<typeof Session>> = {}): Session =>
  sessionRecord({
    status: 'spawning',
    phase: 'generatingManifest',
    attempt: 1,
    spawn: { ...spawn, skills: [] },
    ...fields,
  });

/** One command of each kind, and those whose content decides. */
export const commands = {
  spawn: { type: 'session.spawn', at: 2000 },
  idle: { type: 'session.idle', at: 2000 },
  work: { type: 'session.work', at: 2000 },
  complete: { type: 'session.complete', at: 2000 },
  fail: { type: 'session.fail', at: 2000 },
  stop: { type: 'session.stop', at: 2000 },
  ask: { type: 'session.ask', at: 2000, entryId: 'evt_1', message: 'Which one?' },
  entry: { type: 'session.hear', at: 2000, entry: 'progress' },
  word: { type: 'session.hear', at: 2000, entry: null },
  settle: { type: 'session.settle', at: 2000 },
  answer: { type: 'session.answer', at: 2000 },
  claim: { type: 'session.claim', at: 2000, host: 'host-a' },
  respawn: { type: 'session.respawn', at: 2000 },
  made: { type: 'manifest.made', at: 2000, attempt: 1, path: '/m.json', deadline, manifest: {} },
  missed: { type: 'manifest.failed', at: 2000, attempt: 1, message: 'exit code 1' },
  passed: { type: 'deadline.passed', at: deadline },
} as const satisfies Record<string, SessionCommand>;

/** The session machine with effects that note in `running` that they run. */
export function machineNotingIn(running: Set<Begun>): typeof sessionMachine {
  const note = (begun: Begun): (() => void) => {
    running.add(begun);
    return () => running.delete(begun);
  };
  return sessionMachine.provide({
    actors: {
      generateManifest: fromCallback<{ type: string }, ManifestInput>(({ input }) =>
        note({ src: 'generateManifest', input }),
      ),
      awaitDeadline: fromCallback<{ type: string }, DeadlineInput>(({ input }) =>
        note({ src: 'awaitDeadline', input }),
      ),
    },
  });
}

/** A session alive from its record, after these commands. */
export function playSession(session: Session, ...steps: SessionCommand[]): SessionPlay {
  const running = new Set<Begun>();
  const play = new Play(machineNotingIn(running), { session }, running);
  for (const step of steps) play.send(step);
  return play;
}

/** The record that would be on disk now, read back from its text. */
export function recordAfter(session: Session, { snapshot }: SessionPlay): Session {
  const fields = fieldsOf(snapshot.context, statusAt(snapshot.value));
  return Session.parse(JSON.parse(JSON.stringify({ ...session, ...fields })));
}

function statusAt(value: StateValue): SessionPlace {
  if (typeof value === 'string') return { status: value as SessionStatus, phase: undefined };
  const [status] = Object.keys(value) as SessionStatus[];
  if (status !== 'spawning') return { status: 'working', phase: undefined };
  return { status, phase: innermost(value) as SpawnPhase };
}
