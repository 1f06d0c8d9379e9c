// A chart's picture by ELK: boxes in boxes, arrows that go around them, each with its label. All lengths are pixels.
import ELK, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartState, ChartTransition } from '../src/domain/chart.ts';
import { labelOf, nameIn } from '../src/charts/label.ts';

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  /** The path of its state. */
  path: string;
  name: string;
  description: string;
  width: number;
  height: number;
  isCompound: boolean;
}

export interface Arrow {
  from: string;
  to: string;
  /** What leads this way, one line each. */
  labels: string[];
  events: string[];
  points: Point[];
  label: Point & { width: number; height: number };
}

export interface Layout {
  id: string;
  width: number;
  height: number;
  boxes: Box[];
  arrows: Arrow[];
}

const LINE = 14;
const LETTER = 6.2;
const HEADING = 26;

/** The transient state that an actor starts through is nobody's to see. */
const isSeen = (path: string): boolean => path !== 'restoring';

export async function layoutOf(chart: Chart): Promise<Layout> {
  const arrows = arrowsOf(chart);
  const root: ElkNode = await new ELK().layout({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.layered.spacing.nodeNodeBetweenLayers': '36',
      'elk.spacing.nodeNode': '36',
      'elk.spacing.edgeNode': '16',
      'elk.spacing.edgeLabel': '4',
      'elk.edgeRouting': 'ORTHOGONAL',
      // As one reads the source: from the first state on.
      'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.mergeEdges': 'false',
      'elk.json.edgeCoords': 'ROOT',
      'elk.json.shapeCoords': 'ROOT',
    },
    children: nodesIn(chart, null),
    edges: arrows.map(edgeOf),
  });
  const drawn = new Map(root.edges?.map((edge) => [edge.id, edge]));
  return {
    id: chart.id,
    width: Math.ceil(root.width ?? 0),
    height: Math.ceil(root.height ?? 0),
    boxes: boxesIn(root, chart),
    arrows: arrows.map((arrow, index) => ({ ...arrow, ...wayOf(drawn.get(`e${index}`)) })),
  };
}

type Drawn = Omit<Arrow, 'points' | 'label'>;

/** One arrow for each pair of states, however many transitions lead that way. */
function arrowsOf({ states, transitions }: Chart): Drawn[] {
  const arrows = new Map<string, Drawn>();
  const leads = (each: ChartTransition): each is ChartTransition & { to: string } =>
    each.to !== null && isSeen(each.from);
  for (const transition of transitions.filter(leads)) {
    const { from, event } = transition;
    const to = leafOf(states, transition.to);
    const arrow = arrows.get(`${from} ${to}`) ?? { from, to, labels: [], events: [] };
    arrows.set(`${from} ${to}`, arrow);
    const label = labelOf(transition).replace(/^(session|queue)\./, '');
    if (!arrow.labels.includes(label)) arrow.labels.push(label);
    if (event !== null) arrow.events.push(event);
  }
  return [...arrows.values()];
}

/** Who enters a state with states in it, comes to the first of them. */
function leafOf(states: readonly ChartState[], path: string): string {
  const initial = states.find((state) => state.path === path)?.initial;
  return initial ? leafOf(states, initial) : path;
}

function nodesIn(chart: Chart, parent: string | null): ElkNode[] {
  return chart.states
    .filter((state) => state.parent === parent && isSeen(state.path))
    .map(({ path, initial }) => ({
      id: path,
      ...(initial === null
        ? { width: Math.max(84, nameIn(path).length * 7.6 + 28), height: 36 }
        : { children: nodesIn(chart, path) }),
      layoutOptions: { 'elk.padding': `[top=${HEADING + 14},left=16,bottom=16,right=16]` },
    }));
}

const edgeOf = ({ from, to, labels }: Drawn, index: number): ElkExtendedEdge => ({
  id: `e${index}`,
  sources: [from],
  targets: [to],
  labels: [
    {
      text: labels.join('\n'),
      width: Math.max(...labels.map(({ length }) => length)) * LETTER + 6,
      height: labels.length * LINE + 2,
    },
  ],
});

function boxesIn(node: ElkNode, chart: Chart): Box[] {
  return (node.children ?? []).flatMap((child) => {
    const state = chart.states.find(({ path }) => path === child.id);
    const { x = 0, y = 0, width = 0, height = 0 } = child;
    const box: Box = {
      path: child.id,
      name: nameIn(child.id),
      description: state?.description ?? '',
      x,
      y,
      width,
      height,
      isCompound: state?.initial !== null,
    };
    return [box, ...boxesIn(child, chart)];
  });
}

function wayOf(edge: ElkExtendedEdge | undefined): Pick<Arrow, 'points' | 'label'> {
  const points = (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);
  const { x = 0, y = 0, width = 0, height = 0 } = edge?.labels?.[0] ?? {};
  return { points, label: { x, y, width, height } };
}
