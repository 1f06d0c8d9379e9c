// The machines that there are, by their ids.
import type { AnyStateMachine } from 'xstate';
import type { Chart } from '../domain/chart.ts';
import { queueMachine } from '../machines/queue.machine.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import { chartOf } from './chart.ts';

const machines: readonly AnyStateMachine[] = [sessionMachine, queueMachine];

export const charts: readonly Chart[] = machines.map(chartOf);

/** The literal that a machine was made from, without its functions: what can be pasted into Stately's tools. */
export function configOf(id: string): object | undefined {
  const config = machines.find((machine) => machine.id === id)?.config;
  return config && (JSON.parse(JSON.stringify(config)) as object);
}
