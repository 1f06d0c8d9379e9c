// A statechart, drawn: where it stands is lit, the way it took is marked, and what is possible next stands out.
import layouts from 'virtual:chart-layouts';
import type { Arrow, Box, Layout, Point } from '../../layout.ts';
import type { Move, Standing } from '../live/api.ts';

export interface ChartProps {
  /** Of the machine. */
  id: string;
  standing?: Standing;
  history?: readonly Move[];
  selected?: string;
  onSelect?: (path: string) => void;
}

export function StateChart({ id, standing, history = [], selected, onSelect }: ChartProps) {
  const layout = layouts.find((each) => each.id === id);
  if (!layout) return null;
  const marks = marksOf(layout, standing, history, selected);
  const { width, height, boxes, arrows } = layout;
  return (
    <figure className="chart">
      <div className="drawing" role="group" tabIndex={0} aria-label={`Drawing of the ${id} machine`}>
        <svg
          viewBox={`-4 -4 ${width + 8} ${height + 8}`}
          width={width + 8}
          role="img"
          aria-label={
            standing ? `The ${id} machine is in ${standing.value}` : `The states of the ${id} machine`
          }
        >
          <defs>
            <marker
              id="head"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" />
            </marker>
          </defs>
          {boxes.map((box) => (
            <State
              key={box.path}
              box={box}
              marks={marks}
              isSelected={box.path === selected}
              onSelect={onSelect}
            />
          ))}
          {arrows.map((arrow) => (
            <Transition key={`${arrow.from} ${arrow.to}`} arrow={arrow} marks={marks} />
          ))}
        </svg>
      </div>
      {standing && <Legend standing={standing} />}
    </figure>
  );
}

interface Marks {
  /** The states that it is in, from the outermost on. */
  lit: ReadonlySet<string>;
  visited: ReadonlySet<string>;
  /** `from to` of arrows. */
  taken: ReadonlySet<string>;
  possible: ReadonlySet<string>;
}

function marksOf(
  { arrows }: Layout,
  standing: Standing | undefined,
  history: readonly Move[],
  selected: string | undefined,
): Marks {
  const shown = selected === undefined ? [] : outwards(selected);
  const lit = new Set(standing ? outwards(standing.value) : []);
  const can = new Set(standing?.next.map(({ event }) => event));
  const visited = new Set(history.flatMap(({ from, to }) => [...outwards(from), ...outwards(to)]));
  const moved = history.flatMap(({ event, from, to }) =>
    arrows
      .filter(
        (arrow) =>
          arrow.events.includes(event) && outwards(from).includes(arrow.from) && to.startsWith(arrow.to),
      )
      .map(nameOf),
  );
  const isPossible = ({ from, events }: Arrow): boolean =>
    standing ? lit.has(from) && events.some((event) => can.has(event)) : shown.includes(from);
  const possible = arrows.filter(isPossible);
  return { lit, visited, taken: new Set(moved), possible: new Set(possible.map(nameOf)) };
}

const nameOf = ({ from, to }: Arrow): string => `${from} ${to}`;

/** `a.b.c` → `a`, `a.b`, `a.b.c`. */
const outwards = (path: string): string[] =>
  path.split('.').map((_, index, names) => names.slice(0, index + 1).join('.'));

interface StateProps {
  box: Box;
  marks: Marks;
  isSelected: boolean;
  onSelect: ((path: string) => void) | undefined;
}

function State({ box, marks, isSelected, onSelect }: StateProps) {
  const { path, name, description, x, y, width, height, isCompound } = box;
  const classes = [
    'state',
    isCompound && 'compound',
    marks.lit.has(path) && 'lit',
    marks.visited.has(path) && 'visited',
    isSelected && 'selected',
  ];
  return (
    <g className={classes.filter(Boolean).join(' ')} onClick={onSelect && (() => onSelect(path))}>
      <title>{description}</title>
      <rect x={x} y={y} width={width} height={height} rx={isCompound ? 10 : 8} />
      <text
        x={isCompound ? x + 12 : x + width / 2}
        y={isCompound ? y + 19 : y + height / 2 + 5}
        textAnchor={isCompound ? 'start' : 'middle'}
      >
        {name}
      </text>
    </g>
  );
}

function Transition({ arrow, marks }: { arrow: Arrow; marks: Marks }) {
  const { points, labels, label } = arrow;
  const name = nameOf(arrow);
  const classes = ['arrow', marks.taken.has(name) && 'taken', marks.possible.has(name) && 'possible'];
  return (
    <g className={classes.filter(Boolean).join(' ')}>
      <path d={pathThrough(points)} markerEnd="url(#head)" />
      {labels.map((text, index) => (
        <text key={text} x={label.x + 3} y={label.y + 11 + index * 14}>
          {text}
        </text>
      ))}
    </g>
  );
}

const pathThrough = (points: readonly Point[]): string =>
  points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');

/** The same in words, for those who cannot see the picture. */
function Legend({ standing: { value, next } }: { standing: Standing }) {
  const moves = next.filter(({ to }) => to !== null);
  return (
    <figcaption className="small">
      It is in <code>{value}</code>. Possible next:{' '}
      {moves.length === 0
        ? 'nothing that moves it'
        : moves.map(({ event, to }) => `${event} → ${to ?? ''}`).join(', ')}
      .
    </figcaption>
  );
}
