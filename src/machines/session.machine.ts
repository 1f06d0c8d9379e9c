// The life of a session. A command is refused by the absence of a transition: what is not drawn here cannot happen.
// M1. Status words are state names, so that state and status cannot disagree.
// M2. Pure: no I/O, no clock, no ids; times and ids come with the commands.
// M3. Notes are told on transitions, never on entry, so that starting an actor from its record tells nothing.
import { assign, emit, setup } from 'xstate';
import type { SessionCommand } from '../domain/commands.ts';
import type { Session, SessionStatus, SpawnPhase } from '../domain/session.ts';
import { idleEffects } from './effects.ts';
import {
  asked,
  claimed,
  contextOf,
  corrected,
  correctionNote,
  ended,
  endingNote,
  manifestErrorNote,
  manifestKept,
  manifestMissed,
  overdueNote,
  respawned,
  respawnNote,
  resumed,
  resumeNote,
  settled,
  type SessionContext,
  type SessionEmitted,
} from './session.context.ts';

export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    input: {} as { session: Session },
    events: {} as SessionCommand,
    emitted: {} as SessionEmitted,
    tags: {} as 'live' | 'ended' | 'awaitingAgent',
  },
  actors: idleEffects,
  guards: {
    wasAt: ({ context }, params: { status: SessionStatus; phase?: SpawnPhase }) =>
      context.restored.status === params.status &&
      (params.phase === undefined || context.restored.phase === params.phase),
    wasAsking: ({ context }) => context.restored.asking,
    isThisAttempt: ({ context, event }) => 'attempt' in event && event.attempt === context.attempt,
    isDue: ({ context, event }) => event.type === 'deadline.passed' && event.at >= (context.deadline ?? 0),
    isFreeFor: ({ context, event }) =>
      event.type === 'session.claim' && (context.claimedBy === null || context.claimedBy === event.host),
    wasSpawned: ({ context }) => context.spawned,
    isOtherEntry: ({ event }) =>
      event.type === 'session.hear' && event.entry !== null && event.entry !== 'needs_input',
  },
  actions: {
    /** Makes a command that changes no state an accepted one. */
    acknowledge: () => undefined,
    ask: assign(({ event }) => asked(event)),
    settle: assign(({ context }) => settled(context)),
    end: assign(({ event }) => ended(event)),
    resume: assign(() => resumed()),
    correct: assign(() => corrected()),
    respawn: assign(({ context }) => respawned(context)),
    claim: assign(({ event }) => claimed(event)),
    keepManifest: assign(({ event }) => manifestKept(event)),
    missManifest: assign(({ event }) => manifestMissed(event)),
    dropDeadline: assign(() => ({ deadline: null })),
    announce: emit({ type: 'announce' }),
    noteEnd: emit(({ event }) => ({ type: 'note', note: endingNote(event) })),
    noteCorrection: emit(({ event }) => ({ type: 'note', note: correctionNote(event) })),
    noteResume: emit({ type: 'note', note: resumeNote }),
    noteRespawn: emit(({ context }) => ({ type: 'note', note: respawnNote(context) })),
    noteOverdue: emit({ type: 'note', note: overdueNote }),
    noteManifestError: emit(({ event }) => ({ type: 'note', note: manifestErrorNote(event) })),
  },
}).createMachine({
  id: 'session',
  description:
    'One agent session, from the order to spawn it to its end; an ended one can be taken up again.',
  context: ({ input }) => contextOf(input.session),
  initial: 'restoring',
  states: {
    restoring: {
      description:
        'Transient: an actor starts from its record and goes where that says, without telling anything.',
      always: [
        {
          guard: { type: 'wasAt', params: { status: 'spawning', phase: 'generatingManifest' } },
          target: 'spawning.generatingManifest',
        },
        {
          guard: { type: 'wasAt', params: { status: 'spawning', phase: 'overdue' } },
          target: 'spawning.awaitingAgent.overdue',
        },
        {
          guard: { type: 'wasAt', params: { status: 'spawning', phase: 'heard' } },
          target: 'spawning.awaitingAgent.heard',
        },
        {
          guard: { type: 'wasAt', params: { status: 'spawning' } },
          target: 'spawning.awaitingAgent.expected',
        },
        { guard: 'wasAsking', target: 'working.needsInput' },
        { guard: { type: 'wasAt', params: { status: 'working' } }, target: 'working.active' },
        { guard: { type: 'wasAt', params: { status: 'completed' } }, target: 'completed' },
        { guard: { type: 'wasAt', params: { status: 'failed' } }, target: 'failed' },
        { guard: { type: 'wasAt', params: { status: 'stopped' } }, target: 'stopped' },
        { target: 'idle' },
      ],
    },
    spawning: {
      description: 'Ordered, but its agent has not taken up work yet.',
      initial: 'generatingManifest',
      tags: ['live'],
      on: {
        'session.spawn': { actions: 'acknowledge' },
        'session.hear': { actions: 'acknowledge' },
        'session.idle': { target: 'idle' },
        'session.work': { target: 'working' },
        'session.complete': { target: 'completed', actions: ['end', 'noteEnd'] },
        'session.fail': { target: 'failed', actions: ['end', 'noteEnd'] },
        'session.stop': { target: 'stopped', actions: ['end', 'noteEnd'] },
      },
      states: {
        generatingManifest: {
          description: 'The manifest is being made, by the CLI or in the process; limited in time.',
          invoke: {
            id: 'manifest',
            src: 'generateManifest',
            input: ({ context }) => ({ id: context.id, attempt: context.attempt }),
            onError: { target: '#session.failed', actions: ['noteManifestError', 'noteEnd'] },
          },
          on: {
            'manifest.made': {
              guard: 'isThisAttempt',
              target: 'awaitingAgent',
              actions: ['keepManifest', 'announce'],
            },
            'manifest.failed': {
              guard: 'isThisAttempt',
              target: '#session.failed',
              actions: ['missManifest', 'noteManifestError', 'noteEnd'],
            },
          },
        },
        awaitingAgent: {
          description:
            'The manifest is on disk and the spawn announced: a terminal host may start the agent.',
          initial: 'expected',
          states: {
            expected: {
              description: 'Within the deadline.',
              tags: ['awaitingAgent'],
              invoke: {
                id: 'deadline',
                src: 'awaitDeadline',
                input: ({ context }) => ({ id: context.id, at: context.deadline ?? 0 }),
                onError: { target: 'overdue', actions: 'noteOverdue' },
              },
              exit: 'dropDeadline',
              on: {
                'session.claim': { guard: 'isFreeFor', actions: 'claim' },
                'session.hear': { target: 'heard' },
                'deadline.passed': { guard: 'isDue', target: 'overdue', actions: 'noteOverdue' },
              },
            },
            overdue: {
              description:
                'No word from the agent within the deadline. It may still come, or be spawned again.',
              tags: ['awaitingAgent'],
              on: {
                'session.claim': { guard: 'isFreeFor', actions: 'claim' },
                'session.hear': { target: 'heard' },
                'session.respawn': {
                  guard: 'wasSpawned',
                  target: '#session.spawning.generatingManifest',
                  actions: ['respawn', 'noteRespawn'],
                },
              },
            },
            heard: {
              description: 'The agent has spoken, but nobody has said yet that it works.',
            },
          },
        },
      },
    },
    idle: {
      description: 'Its agent is there and does nothing at the moment.',
      tags: ['live'],
      on: {
        'session.hear': { actions: 'acknowledge' },
        'session.idle': { actions: 'acknowledge' },
        'session.work': { target: 'working' },
        'session.complete': { target: 'completed', actions: ['end', 'noteEnd'] },
        'session.fail': { target: 'failed', actions: ['end', 'noteEnd'] },
        'session.stop': { target: 'stopped', actions: ['end', 'noteEnd'] },
      },
    },
    working: {
      description: 'Its agent works.',
      initial: 'active',
      tags: ['live'],
      exit: 'settle',
      on: {
        'session.hear': { actions: 'acknowledge' },
        'session.idle': { target: 'idle' },
        'session.complete': { target: 'completed', actions: ['end', 'noteEnd'] },
        'session.fail': { target: 'failed', actions: ['end', 'noteEnd'] },
        'session.stop': { target: 'stopped', actions: ['end', 'noteEnd'] },
      },
      states: {
        active: {
          description: 'Nothing is asked.',
          on: {
            'session.ask': { target: 'needsInput', actions: 'ask' },
            'session.work': { actions: 'acknowledge' },
            'session.settle': { actions: 'acknowledge' },
          },
        },
        needsInput: {
          description: 'A question to a person is open.',
          on: {
            'session.ask': { actions: 'ask' },
            'session.hear': { guard: 'isOtherEntry', target: 'active', actions: 'settle' },
            'session.work': { target: 'active', actions: 'settle' },
            'session.settle': { target: 'active', actions: 'settle' },
            'session.answer': { target: 'active', actions: 'settle' },
          },
        },
      },
    },
    completed: {
      description: 'Ended with its work done.',
      tags: ['ended'],
      on: {
        'session.hear': { actions: 'acknowledge' },
        'session.complete': { actions: 'acknowledge' },
        'session.fail': { target: 'failed', actions: 'noteCorrection' },
        'session.stop': { target: 'stopped', actions: 'noteCorrection' },
        'session.work': { target: 'working', actions: ['resume', 'noteResume'] },
        'session.idle': { target: 'idle', actions: ['resume', 'noteResume'] },
      },
    },
    failed: {
      description: 'Ended without its work done. A spawned one can be spawned again.',
      tags: ['ended'],
      on: {
        'session.hear': { actions: 'acknowledge' },
        'session.fail': { actions: 'acknowledge' },
        'session.complete': { target: 'completed', actions: ['correct', 'noteCorrection'] },
        'session.stop': { target: 'stopped', actions: ['correct', 'noteCorrection'] },
        'session.work': { target: 'working', actions: ['resume', 'noteResume'] },
        'session.idle': { target: 'idle', actions: ['resume', 'noteResume'] },
        'session.respawn': {
          guard: 'wasSpawned',
          target: 'spawning.generatingManifest',
          actions: ['respawn', 'noteRespawn'],
        },
      },
    },
    stopped: {
      description: 'Ended by a person or its host.',
      tags: ['ended'],
      on: {
        'session.hear': { actions: 'acknowledge' },
        'session.stop': { actions: 'acknowledge' },
        'session.complete': { target: 'completed', actions: 'noteCorrection' },
        'session.fail': { target: 'failed', actions: 'noteCorrection' },
        'session.work': { target: 'working', actions: ['resume', 'noteResume'] },
        'session.idle': { target: 'idle', actions: ['resume', 'noteResume'] },
      },
    },
  },
  options: { maxIterations: 1000 },
});
