// The machines as a page for people: a picture of each, its states, and what leads from where to where.
import type { Chart, ChartTransition } from '../domain/chart.ts';
import { labelOf } from './label.ts';
import { mermaidOf } from './mermaid.ts';

/** @returns docs/machines.md, when it is given all machines there are */
export const markdownOf = (charts: readonly Chart[]): string => [intro, ...charts.map(sectionOf)].join('\n');

const intro = `# The machines

What may happen to a session and to its queue. This page is written by \`npm run docs:machines\` from
[src/machines](../src/machines): do not edit it here. \`GET /api/machines\` and \`maestro machines\` tell the same to
programs, and \`GET /api/sessions/{id}/state\` where the machines of one session stand.

A command for which no transition leads out of a state is refused there. What an outer state allows, all states in it
allow, unless they say otherwise themselves.
`;

function sectionOf(chart: Chart): string {
  const { id, description, states, transitions } = chart;
  const described = states.map(({ path, description: what, tags }) => [code(path), what, tags.join(', ')]);
  const leading = transitions.map((each) => [
    code(each.from),
    eventOf(each),
    each.guard ? code(labelOf({ event: null, guard: each.guard }).slice(1, -1)) : '',
    each.to === null ? 'stays' : code(each.to),
  ]);
  return [
    `## ${id}`,
    '',
    description,
    '',
    '```mermaid',
    mermaidOf(withoutStart(chart)).trimEnd(),
    '```',
    '',
    `The picture leaves out \`${chart.initial}\`, the state from which an actor goes at once to where its record says.`,
    '',
    ...tableOf(['state', 'what it means', 'tags'], described),
    '',
    ...tableOf(['from', 'event', 'guard', 'to'], leading),
    '',
  ].join('\n');
}

/** The chart without its transient first state, which has an arrow to almost every other. */
const withoutStart = (chart: Chart): Chart => ({
  ...chart,
  initial: '',
  states: chart.states.filter(({ path }) => path !== chart.initial),
  transitions: chart.transitions.filter(({ from }) => from !== chart.initial),
});

const eventOf = ({ event }: ChartTransition): string =>
  event === null ? 'by itself' : code(labelOf({ event, guard: null }));

const code = (text: string): string => `\`${text}\``;

const tableOf = (heads: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
