// The queue of a session: strictly first in, first out, one item in work at a time.
// Pure, like the session machine; every move tells the item that it changed.
import { assign, emit, setup } from 'xstate';
import type { QueueCommand } from '../domain/commands.ts';
import type { Queue } from '../domain/queue.ts';
import {
  contextOfQueue,
  corrected,
  finished,
  firstQueued,
  interrupted,
  isCurrent,
  isNew,
  isWaiting,
  pushed,
  removed,
  skipped,
  started,
  type QueueContext,
  type QueueEmitted,
} from './queue.context.ts';

export const queueMachine = setup({
  types: {
    context: {} as QueueContext,
    input: {} as { queue: Queue },
    events: {} as QueueCommand,
    emitted: {} as QueueEmitted,
  },
  guards: {
    wasProcessing: ({ context }) => context.currentIndex !== -1,
    hasQueued: ({ context }) => firstQueued(context) !== -1,
    hasNoneQueued: ({ context }) => firstQueued(context) === -1,
    isNew: ({ context, event }) => isNew(context, event),
    isCurrent: ({ context, event }) => isCurrent(context, event),
    isWaiting: ({ context, event }) => isWaiting(context, event),
    wasInterrupted: ({ context }) => context.interruptedIndex !== -1,
  },
  actions: {
    acknowledge: () => undefined,
    start: assign(({ context, event }) => started(context, event)),
    finish: assign(({ context, event }) => finished(context, event)),
    correct: assign(({ context, event }) => corrected(context, event)),
    skip: assign(({ context, event }) => skipped(context, event)),
    interrupt: assign(({ context, event }) => interrupted(context, event)),
    remove: assign(({ context, event }) => removed(context, event)),
    push: assign(({ context, event }) => pushed(context, event)),
    tellMove: emit(({ context }) => {
      const items = context.movedIndexes.flatMap((index) => context.items[index] ?? []);
      if (items.length === 0) throw new Error('a move that moved no item');
      return { type: 'moved', items };
    }),
  },
}).createMachine({
  id: 'queue',
  description: 'The tasks of one session, first in, first out; one in work at a time.',
  context: ({ input }) => contextOfQueue(input.queue),
  initial: 'restoring',
  states: {
    restoring: {
      description:
        'Transient: an actor starts from its record and goes where that says, without telling anything.',
      always: [{ guard: 'wasProcessing', target: 'processing' }, { target: 'waiting' }],
    },
    waiting: {
      description: 'Items wait, none is in work.',
      always: { guard: 'hasNoneQueued', target: 'drained' },
      on: {
        'queue.start': { target: 'processing', actions: ['start', 'tellMove'] },
        'queue.skip': { actions: ['skip', 'tellMove'] },
        'queue.push': { guard: 'isNew', actions: ['push', 'tellMove'] },
        'queue.complete': { guard: 'wasInterrupted', actions: ['correct', 'tellMove'] },
        'queue.fail': { guard: 'wasInterrupted', actions: ['correct', 'tellMove'] },
        'queue.remove': [{ guard: 'isWaiting', actions: ['remove', 'tellMove'] }, { actions: 'acknowledge' }],
      },
    },
    processing: {
      description: 'One item is in work.',
      on: {
        'queue.complete': { target: 'waiting', actions: ['finish', 'tellMove'] },
        'queue.fail': { target: 'waiting', actions: ['finish', 'tellMove'] },
        'queue.skip': { target: 'waiting', actions: ['skip', 'tellMove'] },
        'queue.interrupt': { target: 'waiting', actions: ['interrupt', 'tellMove'] },
        'queue.push': { guard: 'isNew', actions: ['push', 'tellMove'] },
        'queue.remove': [
          { guard: 'isCurrent', target: 'waiting', actions: ['remove', 'tellMove'] },
          { guard: 'isWaiting', actions: ['remove', 'tellMove'] },
          { actions: 'acknowledge' },
        ],
      },
    },
    drained: {
      description: 'Nothing waits and nothing is in work; a push goes on.',
      always: { guard: 'hasQueued', target: 'waiting' },
      on: {
        'queue.push': { guard: 'isNew', target: 'waiting', actions: ['push', 'tellMove'] },
        'queue.complete': { guard: 'wasInterrupted', actions: ['correct', 'tellMove'] },
        'queue.fail': { guard: 'wasInterrupted', actions: ['correct', 'tellMove'] },
        'queue.remove': { actions: 'acknowledge' },
      },
    },
  },
  options: { maxIterations: 1000 },
});
