import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { charts } from '../../src/charts/machines.ts';
import { markdownOf } from '../../src/charts/markdown.ts';
import { parsedMermaid } from './mermaid.ts';

const page = readFileSync(new URL('../../docs/machines.md', import.meta.url), 'utf8');

it('docs/machines.md shows the machines as they are', () => {
  expect(page === markdownOf(charts), '`npm run docs:machines` writes it anew').toBe(true);
});

it('its pictures are read by Mermaid, and have every state but the transient first one', async () => {
  const pictures = [...page.matchAll(/```mermaid\n(.*?)```/gs)].map(([, text = '']) => text);
  expect(pictures).toHaveLength(charts.length);
  for (const [index, { initial, states }] of charts.entries()) {
    const drawn = (await parsedMermaid(pictures[index] ?? '')).states.filter((id) => !id.includes('start'));
    const wanted = states.filter(({ path }) => path !== initial).map(({ path }) => path.replaceAll('.', '_'));
    expect(drawn.sort()).toEqual(wanted.sort());
  }
});
