// Machines with an action that throws: on a timeline entry `milestone` in an idle session, on a claim by `poison`, on
// the removal of an item.
import type { Machines } from '../../src/actors/supervisor.ts';

export const poisoned = ({ session, queue }: Machines): Machines => ({
  session: session.provide({
    actions: {
      acknowledge: ({ event }) => {
        if (event.type === 'session.hear' && event.entry === 'milestone') throw new Error('poisoned');
      },
      claim: () => {
        throw new Error('poisoned');
      },
    },
  }),
  queue: queue.provide({
    actions: {
      remove: () => {
        throw new Error('poisoned');
      },
    },
  }),
});
