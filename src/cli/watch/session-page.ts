// One session as lines: what it asks, what may come next, its queue, its timeline with the newest last.
import pc from 'picocolors';
import { duration } from '../text.ts';
import { coloured, type BoardView, type Size } from './board.ts';
import { besideName, inColumns, inOneLine, windowOf } from './columns.ts';
import { clock, headline } from './headline.ts';
import { printable } from './printable.ts';
import type { Entry } from './session-row.ts';
import { progressOf, type Item } from './standing.ts';
import type { StateRead, Story } from './story.ts';

const pageKeys = '↑↓ scroll   a answer   Esc back   q quit';
const mostItems = 8;
const mostQuestionLines = 6;
const mostNextLines = 3;

/**
 * @param back how many entries it is scrolled back from the newest
 * @param bottom the last line, in place of the keys
 */
export function pageLines(
  view: BoardView,
  story: Story,
  back: number,
  size: Size,
  bottom: string | null,
): string[] {
  const { url, link, standing } = view;
  const { columns } = size;
  const { row, state, entries } = story;
  const queue = standing.queueOf(story.id);
  const head = inOneLine(headline(url, link, standing.rows(view.now)), columns);
  const above = [
    '',
    inOneLine(`${pc.bold(printable(row.name))}  ${stateText(view, story)}  ${pc.dim(story.id)}`, columns),
    ...(row.question === null
      ? []
      : besideName(pc.yellow('asks:'), printable(row.question), columns, mostQuestionLines)),
    ...nextLines(state, columns),
    ...(queue ? queueLines(queue, view, size) : []),
    '',
  ];
  const height = Math.max(size.rows - above.length - 4, 1);
  const body = [...above, ...timelineLines(entries, back, height, size)];
  const shown = link.state === 'lost' ? body.map((line) => pc.dim(line)) : body;
  return [head, ...shown, '', inOneLine(bottom ?? pc.dim(pageKeys), columns)];
}

/** How far one can scroll back. */
export const furthestBack = ({ entries }: Story): number => Math.max((entries?.length ?? 0) - 1, 0);

function stateText({ standing, now }: BoardView, { id, row, state }: Story): string {
  if (!standing.row(id)) return state === null ? pc.dim('no longer on the board') : state.value;
  const seconds = Math.max(now - row.since, 0) / 1000;
  const inside = state === null ? '' : pc.dim(` (${state.value})`);
  return `${coloured(row)}${inside} for ${duration(seconds)}`;
}

function nextLines(state: StateRead | null, columns: number): string[] {
  if (state === null) return [];
  // All are the session's, or the queue's.
  const text = (next: StateRead['next']) =>
    next.map(({ event, to }) => event.replace(/^\w+\./, '') + (to === null ? '' : ` → ${to}`)).join(', ');
  const queue = state.queue && `${state.queue.value}; next: ${text(state.queue.next)}`;
  return [
    ...besideName(pc.bold('next:'), text(state.next), columns, mostNextLines),
    ...(queue === null ? [] : besideName(pc.bold('queue:'), queue, columns, mostNextLines)),
  ];
}

function queueLines(items: readonly Item[], { standing }: BoardView, { columns }: Size): string[] {
  const current = items.findIndex(({ status }) => status === 'processing' || status === 'queued');
  const { from, to } = windowOf(items.length, current === -1 ? items.length : current, mostItems);
  const rows = items
    .slice(from, to)
    .map(({ taskId, status }) => ['', status, printable(standing.titleOf(taskId) ?? taskId)]);
  const hidden = items.length - (to - from);
  return [
    `${pc.bold('tasks:')} ${progressOf(items)} done${hidden > 0 ? `, ${hidden} not shown` : ''}`,
    ...inColumns(rows, [2, 12, Math.max(columns - 15, 12)]),
  ];
}

function timelineLines(
  entries: readonly Entry[] | null,
  back: number,
  height: number,
  { columns }: Size,
): string[] {
  if (entries === null) return [pc.dim('The timeline is being read…')];
  if (entries.length === 0) return [pc.dim('Nothing has been said yet.')];
  const end = Math.max(entries.length - back, 1);
  const shown = entries.slice(Math.max(end - height, 0), end);
  return inColumns(
    shown.map(({ timestamp, type, message }) => [clock(timestamp), type, printable(message ?? '')]),
    [10, 21, Math.max(columns - 32, 12)],
  );
}
