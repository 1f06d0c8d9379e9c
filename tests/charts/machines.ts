// The machines themselves, for tests that hold what is told of them against what runs.
import type { AnyStateMachine } from 'xstate';
import { queueMachine } from '../../src/machines/queue.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';

export const machines: [id: string, machine: AnyStateMachine][] = [
  ['session', sessionMachine],
  ['queue', queueMachine],
];

interface States {
  states?: Record<string, States>;
}

/** The paths of a machine's states, from the literal that it was made from. */
export const pathsOf = (machine: AnyStateMachine): string[] => below(machine.config as States);

const below = ({ states = {} }: States, path: string[] = []): string[] =>
  Object.entries(states).flatMap(([name, state]) => {
    const own = [...path, name];
    return [own.join('.'), ...below(state, own)];
  });
