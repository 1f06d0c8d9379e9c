// The machines with their effects, provided once for all sessions (once for each would cost 70 µs and three times the
// memory). Running effects are counted, so that a stop can wait until their child processes are gone.
import { fromCallback } from 'xstate';
import type { DeadlineInput, ManifestInput } from '../machines/effects.ts';
import { queueMachine } from '../machines/queue.machine.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import type { Effects } from './effects.ts';
import type { Machines } from './supervisor.ts';

export interface Provided {
  machines: Machines;
  /** Resolves when no effect runs any more. */
  settled: () => Promise<void>;
}

export function provideEffects(effects: () => Effects): Provided {
  const running = new Set<Promise<void>>();
  const begin = (receive: (end: () => void) => void, run: (signal: AbortSignal) => Promise<void>) => {
    const ending = new AbortController();
    // An effect reports what it has to report by itself; what it throws when it is ended is nobody's concern.
    const effect = run(ending.signal).catch(() => undefined);
    running.add(effect);
    void effect.finally(() => running.delete(effect));
    const end = (): void => ending.abort(new Error('its session moved on'));
    // Whatever an effect is sent ends it; see Live.stop().
    receive(end);
    return end;
  };
  const session = sessionMachine.provide({
    actors: {
      generateManifest: fromCallback<{ type: string }, ManifestInput>(({ input, receive }) =>
        begin(receive, (signal) => effects().generateManifest(input, signal)),
      ),
      awaitDeadline: fromCallback<{ type: string }, DeadlineInput>(({ input, receive }) =>
        begin(receive, (signal) => effects().awaitDeadline(input, signal)),
      ),
    },
  });
  return {
    machines: { session, queue: queueMachine },
    settled: async () => {
      await Promise.all(running);
    },
  };
}
