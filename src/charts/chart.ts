// A machine's chart, read from the machine itself: the picture and what runs cannot differ.
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { JsonObject } from '../domain/fields.ts';
import type { Chart, ChartState, ChartTransition } from '../domain/chart.ts';

export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = descendants(machine.root);
  return {
    id: machine.id,
    description: machine.root.description ?? '',
    initial: initialOf(machine.root) ?? '',
    states: nodes.map(stateOf),
    transitions: nodes.flatMap(transitionsOf),
  };
}

const descendants = (node: AnyStateNode): AnyStateNode[] =>
  Object.values<AnyStateNode>(node.states).flatMap((child) => [child, ...descendants(child)]);

const pathOf = (node: AnyStateNode): string => node.path.join('.');

const initialOf = (node: AnyStateNode): string | null => {
  const [first] = node.initial.target;
  return first && Object.keys(node.states).length > 0 ? pathOf(first) : null;
};

function stateOf(node: AnyStateNode): ChartState {
  return {
    path: pathOf(node),
    parent: node.parent && node.parent.path.length > 0 ? pathOf(node.parent) : null,
    description: node.description ?? '',
    tags: [...node.tags],
    initial: initialOf(node),
    effects: node.invoke.map(({ src }) => nameOf(src)),
    exit: node.exit.map(nameOf),
  };
}

const transitionsOf = (node: AnyStateNode): ChartTransition[] =>
  [...(node.always ?? []), ...node.transitions.values()].flat().map((each) => transitionOf(node, each));

function transitionOf(
  node: AnyStateNode,
  { target, eventType, guard, actions }: AnyTransitionDefinition,
): ChartTransition {
  const [to] = target ?? [];
  return {
    from: pathOf(node),
    to: to ? pathOf(to) : null,
    event: (eventType as string) || null,
    guard: guardOf(guard),
    actions: actions.map(nameOf),
  };
}

function guardOf(guard: unknown): ChartTransition['guard'] {
  if (guard === undefined) return null;
  const { params } = guard as { params?: JsonObject };
  return { type: nameOf(guard), ...(params && { params }) };
}

/** All is used by its name; tests/machines/charts.test.ts holds the charts to it. */
function nameOf(used: unknown): string {
  if (typeof used === 'string') return used;
  return (used as { type: string }).type;
}
