// Stately's own extractor over our charts. tests/machines/literal.test.ts says what in a source it could not read.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chartOf } from '../../src/charts/chart.ts';
import { machines } from '../charts/machines.ts';
import { sessionMachine } from '../../src/machines/session.machine.ts';
import { extractedFrom } from './stately.ts';

const sourceOf = (id: string): string =>
  readFileSync(new URL(`../../src/machines/${id}.machine.ts`, import.meta.url), 'utf8');

/** The chart of the session as it is found after a part of its source was written in another way. */
function foundAfter(literal: string, other: string) {
  const source = sourceOf('session');
  expect(source).toContain(literal);
  return chartOf(extractedFrom(source.replace(literal, other)));
}

describe("Stately's extractor", () => {
  it.each(machines)(
    'finds all states and transitions of the %s, with all that stands at them',
    (id, machine) => {
      const wanted = chartOf(machine);
      const found = chartOf(extractedFrom(sourceOf(id)));
      expect(found.states).toEqual(wanted.states);
      expect(found.transitions).toEqual(wanted.transitions);
      expect(found).toEqual(wanted);
    },
  );

  it('misses a transition that is spread into the chart', () => {
    const found = foundAfter("'session.work': { target: 'working' },", '...toWork,').transitions;
    expect(found).toHaveLength(chartOf(sessionMachine).transitions.length - 1);
    expect(found).not.toContainEqual(expect.objectContaining({ from: 'spawning', event: 'session.work' }));
  });

  it('misses a state with a computed key, to which arrows then lead nowhere', () => {
    expect(() => foundAfter('idle: {', '[idle]: {')).toThrow("Child state 'idle' does not exist");
  });
});
