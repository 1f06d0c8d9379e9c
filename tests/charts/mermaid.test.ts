import { describe, expect, it } from 'vitest';
import { chartOf } from '../../src/charts/chart.ts';
import { mermaidOf } from '../../src/charts/mermaid.ts';
import { machines } from './machines.ts';
import { parsedMermaid } from './mermaid.ts';

const idOf = (path: string): string => path.replaceAll('.', '_');

describe.each(machines)('the picture of the %s', (_, machine) => {
  const chart = chartOf(machine);

  it('is one that Mermaid reads, with every state in it', async () => {
    const { states } = await parsedMermaid(mermaidOf(chart));
    for (const { path } of chart.states) expect(states).toContain(idOf(path));
  });

  it('has an arrow for every transition that leads somewhere, with its event and guard, and no other', async () => {
    const { arrows } = await parsedMermaid(mermaidOf(chart));
    const leading = chart.transitions.filter(({ to }) => to !== null);
    for (const { from, to, event, guard } of leading) {
      const arrow = arrows.find((each) => each.from === idOf(from) && each.to === idOf(to ?? ''));
      const name = event?.replace(/^xstate\.error\.actor\./, 'error of ') ?? '';
      expect(arrow?.label, `${from} ${name} ${to ?? ''}`).toContain(name);
      if (guard) expect(arrow?.label).toContain(`[${guard.type}`);
    }
    const pairs = new Set(leading.map(({ from, to }) => `${idOf(from)} ${idOf(to ?? '')}`));
    const drawn = arrows.filter(({ from }) => !from.includes('start')).map(({ from, to }) => `${from} ${to}`);
    expect(drawn.sort()).toEqual([...pairs].sort());
  });
});

it('is refused by the parser that these tests use when it is none', async () => {
  await expect(parsedMermaid('stateDiagram-v2\n  a --> : b')).rejects.toThrow(/line 2/);
});
