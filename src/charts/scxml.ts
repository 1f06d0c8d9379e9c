// A chart as SCXML (W3C, 2015), which state machine tools of many kinds read. Guards and actions stand there as calls of
// functions by their names: what they do is the machines' context functions.
import { create } from 'xmlbuilder2';
import type { Chart, ChartState, ChartTransition } from '../domain/chart.ts';

type Element = ReturnType<ReturnType<typeof create>['ele']>;

export function scxmlOf(chart: Chart): string {
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('http://www.w3.org/2005/07/scxml', 'scxml', {
    version: '1.0',
    name: chart.id,
    initial: chart.initial,
    datamodel: 'ecmascript',
  });
  for (const state of chart.states) if (state.parent === null) addState(root, chart, state);
  return root.end({ prettyPrint: true });
}

function addState(under: Element, chart: Chart, state: ChartState): void {
  const { path, initial, effects, exit } = state;
  const element = under.ele('state', { id: path, ...(initial !== null && { initial }) });
  element.com(` ${state.description} `);
  for (const effect of effects) element.ele('invoke', { type: effect });
  if (exit.length > 0) addActions(element.ele('onexit'), exit);
  for (const transition of chart.transitions)
    if (transition.from === path) addTransition(element, transition);
  for (const inner of chart.states) if (inner.parent === path) addState(element, chart, inner);
}

function addTransition(under: Element, { event, to, guard, actions }: ChartTransition): void {
  const cond = guard && callOf(guard.type, Object.values(guard.params ?? {}));
  const element = under.ele('transition', {
    ...(event !== null && { event }),
    ...(cond !== null && { cond }),
    ...(to !== null && { target: to }),
  });
  addActions(element, actions);
}

function addActions(under: Element, actions: readonly string[]): void {
  for (const action of actions) under.ele('script').txt(callOf(action));
}

const callOf = (name: string, given: readonly unknown[] = []): string =>
  `${name}(${given.map((value) => JSON.stringify(value)).join(', ')})`;
