// Where the machines of a session stand and what may come next, from its committed records: an actor that starts from a
// record stands where the one that is alive does. The one that is alive may be ahead: what is in flight is nobody's to see.
import { transition, type AnyMachineSnapshot, type AnyStateMachine, type EventFromLogic } from 'xstate';
import { pathOf } from '../domain/chart.ts';
import type { QueueCommand, SessionCommand } from '../domain/commands.ts';
import type { Queue } from '../domain/queue.ts';
import type { Session } from '../domain/session.ts';
import { queueMachine } from '../machines/queue.machine.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import { Live } from './live.ts';
import { mayMoveQueue } from './queue-moves.ts';

export interface Standing {
  /** The id of the machine's chart. */
  machine: string;
  /** The path of the state. */
  value: string;
  tags: string[];
  /** What clients may bring about from here, and where it leads; `to` is null where the state stays as it is. */
  next: { event: string; to: string | null }[];
}

/** What a client can ask of a session, by whatever call. Times do not matter to these. */
const sessionCommands: readonly SessionCommand[] = [
  { type: 'session.work', at: 0 },
  { type: 'session.idle', at: 0 },
  { type: 'session.complete', at: 0 },
  { type: 'session.fail', at: 0 },
  { type: 'session.stop', at: 0 },
  { type: 'session.ask', at: 0, entryId: '' },
  { type: 'session.answer', at: 0 },
  { type: 'session.claim', at: 0, host: '' },
  { type: 'session.respawn', at: 0 },
];

const queueCommands: readonly QueueCommand[] = [
  { type: 'queue.start', at: 0 },
  { type: 'queue.complete', at: 0 },
  { type: 'queue.fail', at: 0, reason: '' },
  { type: 'queue.skip', at: 0 },
  { type: 'queue.push', at: 0, taskId: '' },
];

export const sessionStanding = (session: Session): Standing =>
  standing(sessionMachine, new Live(sessionMachine, { session }), sessionCommands);

/** @param session whose queue it is: an ended one refuses what its queue allows. */
export function queueStanding(queue: Queue, session: Session): Standing {
  const possible = queueCommands.filter((command) => mayMoveQueue(session, command));
  return standing(queueMachine, new Live(queueMachine, { queue }), possible);
}

function standing<M extends AnyStateMachine>(
  machine: M,
  live: Live<M>,
  commands: readonly EventFromLogic<M>[],
): Standing {
  const snapshot: AnyMachineSnapshot = live.snapshot;
  const value = pathOf(snapshot.value);
  const next = commands
    .filter((command) => live.can(command))
    .map((command) => {
      const [after] = transition(machine, live.snapshot, command);
      const to = pathOf((after as AnyMachineSnapshot).value);
      return { event: (command as { type: string }).type, to: to === value ? null : to };
    });
  live.stop();
  return { machine: machine.id, value, tags: [...snapshot.tags], next };
}
