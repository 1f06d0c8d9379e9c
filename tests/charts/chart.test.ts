import { describe, expect, it } from 'vitest';
import { chartOf } from '../../src/charts/chart.ts';
import { charts, configOf } from '../../src/charts/machines.ts';
import { Chart } from '../../src/domain/chart.ts';
import { machines, pathsOf } from './machines.ts';

it('is there for every machine, under its id', () => {
  expect(charts.map(({ id }) => id)).toEqual(machines.map(([id]) => id));
});

describe.each(machines)('the chart of the %s', (id, machine) => {
  const chart = chartOf(machine);

  it('is plain data', () => {
    expect(Chart.parse(JSON.parse(JSON.stringify(chart)))).toEqual(chart);
  });

  it('has every state, a parent before its children', () => {
    expect(chart.states.map(({ path }) => path)).toEqual(pathsOf(machine));
    for (const { path, parent } of chart.states)
      expect(parent, path).toBe(path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : null);
  });

  it('has every event of every state, and what is taken without one', () => {
    for (const { path } of chart.states) {
      const node = machine.getStateNodeById(`${id}.${path}`);
      const told = chart.transitions.filter(({ from }) => from === path).map(({ event }) => event);
      const events = new Set(told.filter((event) => event !== null));
      expect([...events].sort(), path).toEqual([...node.ownEvents].sort());
      expect(told.filter((event) => event === null).length, path).toBe(node.always?.length ?? 0);
    }
  });

  it('leads to states that there are', () => {
    const { initial, states, transitions } = chart;
    const named = [initial, ...states.map((each) => each.initial), ...transitions.map(({ to }) => to)];
    const known = pathsOf(machine);
    expect(named.filter((path) => path !== null && !known.includes(path))).toEqual([]);
  });

  it('is also there as the literal that it was made from, without functions', () => {
    const config = configOf(id);
    expect(config).toEqual(JSON.parse(JSON.stringify(machine.config)));
    expect(config).not.toHaveProperty('context');
  });
});

it('is not there for another id', () => {
  expect(configOf('task')).toBeUndefined();
});
