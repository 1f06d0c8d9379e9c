import { describe, expect, it } from 'vitest';
import { chartOf } from '../../src/charts/chart.ts';
import { scxmlOf } from '../../src/charts/scxml.ts';
import { machines } from './machines.ts';
import { readScxml } from './scxml.ts';

describe.each(machines)('the SCXML of the %s', (_, machine) => {
  const chart = chartOf(machine);
  const { root, states, transitions } = readScxml(scxmlOf(chart));

  it('is of the W3C, and begins where the machine does', () => {
    expect(root).toMatchObject({
      xmlns: 'http://www.w3.org/2005/07/scxml',
      version: '1.0',
      name: machine.id,
      initial: chart.initial,
    });
  });

  it('has every state in its parent, with what is entered first', () => {
    expect(states).toEqual(chart.states.map(({ path, parent, initial }) => ({ path, parent, initial })));
  });

  it('has every transition, with event, guard, target and actions', () => {
    const wanted = chart.transitions.map(({ from, event, guard, to, actions }) => ({
      from,
      event,
      guard: guard && guard.type,
      to,
      actions,
    }));
    // In its file a state's own transitions stand before the states in it.
    const order = (list: typeof wanted) => list.map((each) => JSON.stringify(each)).sort();
    expect(order(transitions)).toEqual(order(wanted));
  });
});

it('is refused by the parser that these tests use when it is not well formed', () => {
  expect(() => readScxml('<scxml><state></scxml>')).toThrow();
});
