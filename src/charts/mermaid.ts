// A chart as a Mermaid state diagram, which GitHub and many editors draw.
import type { Chart, ChartState, ChartTransition } from '../domain/chart.ts';
import { labelOf, nameIn } from './label.ts';

/** @returns the text between the fences of a `mermaid` block. */
export function mermaidOf(chart: Chart): string {
  const inner = (parent: string | null, depth: number): string[] =>
    chart.states
      .filter((state) => state.parent === parent)
      .flatMap((state) => linesOf(state, depth, (path) => inner(path, depth + 1)));
  return [
    'stateDiagram-v2',
    ...inner(null, 1),
    ...(chart.initial === '' ? [] : [`  [*] --> ${idOf(chart.initial)}`]),
    ...arrowsOf(chart).map((arrow) => `  ${arrow}`),
    '',
  ].join('\n');
}

function linesOf({ path, initial }: ChartState, depth: number, inside: (path: string) => string[]): string[] {
  const pad = '  '.repeat(depth);
  const head = `state "${nameIn(path)}" as ${idOf(path)}`;
  if (initial === null) return [pad + head];
  return [`${pad}${head} {`, `${pad}  [*] --> ${idOf(initial)}`, ...inside(path), `${pad}}`];
}

/** One arrow for each pair of states: Mermaid lays several over each other. */
function arrowsOf({ transitions }: Chart): string[] {
  const labels = new Map<string, string[]>();
  for (const transition of transitions) {
    const { from, to } = transition;
    if (to === null) continue;
    const arrow = `${idOf(from)} --> ${idOf(to)}`;
    labels.set(arrow, [...(labels.get(arrow) ?? []), text(transition)]);
  }
  return [...labels].map(([arrow, texts]) => {
    const label = [...new Set(texts)].join('<br>');
    return label === '' ? arrow : `${arrow} : ${label}`;
  });
}

/** A colon ends a label in Mermaid. */
const text = (transition: ChartTransition): string => labelOf(transition).replaceAll(':', '');

const idOf = (path: string): string => path.replaceAll('.', '_');
