// The style of the charts themselves: Stately's tools can draw them, and nothing hides in them.
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { queueMachine } from '../../src/machines/queue.machine.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';

/** A part of a chart's configuration, as plain data. */
type Part = Record<string, unknown>;

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];

/** Where a list of parts is expected; a lone target is short for `{ target }`. */
const partsOf = (value: unknown): Part[] =>
  listOf(value).map((part) => (typeof part === 'string' ? { target: part } : (part as Part)));

const fieldsOf = (value: unknown): [string, Part][] => Object.entries((value ?? {}) as Record<string, Part>);

/** All states of a chart with their paths, the chart itself first. */
function statesOf(config: Part, path = 'chart'): [string, Part][] {
  const inner = fieldsOf(config['states']).flatMap(([key, state]) => statesOf(state, `${path}.${key}`));
  return [[path, config], ...inner];
}

const invokesOf = (state: Part): Part[] => partsOf(state['invoke']);

function transitionsOf(state: Part): Part[] {
  const told = fieldsOf(state['on']).flatMap(([, parts]) => partsOf(parts));
  const results = invokesOf(state).flatMap((invoke) =>
    ['onDone', 'onError', 'onSnapshot'].map((on) => invoke[on]),
  );
  return [...told, ...[state['always'], state['onDone'], ...results].flatMap(partsOf)];
}

const actionsOf = (state: Part): unknown[] =>
  [state['entry'], state['exit'], ...transitionsOf(state).map(({ actions }) => actions)].flatMap(listOf);

const guardsOf = (state: Part): unknown[] => transitionsOf(state).flatMap(({ guard }) => listOf(guard));

const sourcesOf = (state: Part): unknown[] => invokesOf(state).map(({ src }) => src);

/** The name by which a thing is used; undefined for one that stands there itself. */
function nameOf(used: unknown): string | undefined {
  if (typeof used === 'string') return used;
  if (typeof used !== 'object' || used === null) return undefined;
  const { type } = used as Part;
  return typeof type === 'string' ? type : undefined;
}

const charts: [string, AnyStateMachine][] = [
  ['session', sessionMachine],
  ['queue', queueMachine],
];

describe.each(charts)('the chart of the %s', (_, machine) => {
  const config = machine.config as unknown as Part;
  const states = statesOf(config);
  const without = (is: (state: Part) => boolean): string[] =>
    states.filter(([, state]) => !is(state)).map(([path]) => path);

  it('describes every state in a sentence', () => {
    expect(
      without(({ description }) => typeof description === 'string' && /\w.*\.$/.test(description)),
    ).toEqual([]);
  });

  it('says of every effect what follows when it breaks', () => {
    expect(without((state) => invokesOf(state).every(({ onError }) => onError !== undefined))).toEqual([]);
  });

  it('gives every effect an id', () => {
    expect(without((state) => invokesOf(state).every(({ id }) => typeof id === 'string'))).toEqual([]);
  });

  it('lets nothing wait on a timer that a restart would lose', () => {
    expect(without((state) => state['after'] === undefined)).toEqual([]);
  });

  it('bounds how often it may move by itself', () => {
    expect(machine.options.maxIterations).toBeLessThanOrEqual(1000);
  });

  it.each([
    ['action', actionsOf, Object.keys(machine.implementations.actions)],
    ['guard', guardsOf, Object.keys(machine.implementations.guards)],
    ['effect', sourcesOf, Object.keys(machine.implementations.actors)],
  ] as const)('uses every %s by its name, and each that has one', (_kind, usedIn, known) => {
    const used = states.flatMap(([, state]) => usedIn(state)).map(nameOf);
    expect([...new Set(used)].sort()).toEqual([...known].sort());
  });
});
