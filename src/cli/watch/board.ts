// The board as lines: a row for each session, those that need a person first.
import pc from 'picocolors';
import { duration } from '../text.ts';
import { inColumns, inOneLine, windowOf } from './columns.ts';
import type { Link } from './feed.ts';
import { headline } from './headline.ts';
import { printable } from './printable.ts';
import { stateOf, type SessionRow } from './session-row.ts';
import { progressOf, taskOf, type Standing } from './standing.ts';

export interface Size {
  columns: number;
  rows: number;
}

export interface BoardView {
  url: string;
  link: Link;
  standing: Standing;
  /** The id of the row that keys act on. */
  selected: string | null;
  /** The time that rows are shown for: while there is no connection, that at which it was lost. */
  now: number;
}

const boardKeys = '↑↓ select   Enter open   a answer   q quit';

/** @param bottom the last line, in place of the keys */
export function boardLines(view: BoardView, size: Size, bottom: string | null): string[] {
  const { url, link, standing, selected, now } = view;
  const rows = standing.rows(now);
  const last = inOneLine(bottom ?? pc.dim(boardKeys), size.columns);
  const head = inOneLine(headline(url, link, rows), size.columns);
  if (rows.length === 0) {
    const nothing = link.state === 'live' ? 'No session is live. A new one shows up here by itself.' : '';
    return [head, '', pc.dim(nothing), '', last];
  }
  // Beside the rows: three lines above them, two for what is not shown, two below, and the cursor's.
  const height = Math.max(size.rows - 8, 1);
  const at = Math.max(
    rows.findIndex(({ id }) => id === selected),
    0,
  );
  const { from, to } = windowOf(rows.length, at, height);
  const columns = columnsFor(size.columns);
  const drawn = inColumns(
    [
      columns.map(({ name }) => name),
      ...rows.slice(from, to).map((row) => columns.map(({ cell }) => cell(row, view))),
    ],
    columns.map(({ width }) => width),
  );
  const [heads = '', ...lines] = drawn;
  return [
    head,
    '',
    pc.bold(heads),
    ...(from > 0 ? [pc.dim(`  … ${from} more above`)] : []),
    ...lines.map((line, index) => lineOf(line, rows[from + index], view)),
    ...(to < rows.length ? [pc.dim(`  … ${rows.length - to} more below`)] : []),
    '',
    last,
  ];
}

function lineOf(line: string, row: SessionRow | undefined, { selected, link }: BoardView): string {
  const shown = link.state === 'lost' ? pc.dim(line) : line;
  return row?.id === selected ? pc.inverse(shown) : shown;
}

interface Column {
  name: string;
  width: number;
  cell: (row: SessionRow, view: BoardView) => string;
  /** The width of the terminal from which on it is shown. */
  from?: number;
}

const leastReportWidth = 12;

/** The columns that fit; the last report has what the others leave. */
function columnsFor(width: number): Column[] {
  const nameWidth = width < 100 ? Math.min(18, Math.max(width - 15, 4)) : 24;
  const all: Column[] = [
    { name: '', width: 2, cell: ({ id }, { selected }) => (id === selected ? '›' : '') },
    { name: 'session', width: nameWidth, cell: ({ name }) => printable(name) },
    { name: 'state', width: 13, cell: coloured },
    { name: 'for', width: 11, cell: timeText, from: 70 },
    { name: 'strategy', width: 10, cell: ({ strategy }) => strategy, from: 100 },
    { name: 'queue', width: 8, cell: queueText, from: 70 },
    { name: 'task', width: Math.floor(width / 5), cell: taskText, from: 100 },
  ];
  const shown = all.filter(({ from = 0 }) => width >= from);
  const left = width - shown.reduce((sum, column) => sum + column.width, 0);
  return left < leastReportWidth ? shown : [...shown, { name: 'last report', width: left, cell: lastText }];
}

const timeText = ({ since }: SessionRow, { now }: BoardView): string =>
  duration(Math.max(now - since, 0) / 1000);

const queueText = ({ id }: SessionRow, { standing }: BoardView): string => progressOf(standing.queueOf(id));

const colours: Record<string, ((text: string) => string) | undefined> = {
  'needs input': (text) => pc.bold(pc.yellow(text)),
  failed: pc.red,
  overdue: pc.yellow,
  working: pc.cyan,
};

export function coloured(row: SessionRow): string {
  const state = stateOf(row);
  return colours[state]?.(state) ?? state;
}

function taskText(row: SessionRow, { standing }: BoardView): string {
  const id = taskOf(row, standing.queueOf(row.id));
  return id === undefined ? '' : printable(standing.titleOf(id) ?? id);
}

const lastText = ({ question, last }: SessionRow): string =>
  printable(question ?? last?.message ?? last?.type ?? '');
