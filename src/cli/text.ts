// Text for people: tables with colours on a terminal, plain lines with tabs when piped.
import Table from 'cli-table3';
import pc from 'picocolors';

/** The time to draw a table with frames grows with the square of its rows. */
const mostDrawnRows = 200;
const widestColumn = 40;

/**
 * @param rows one cell for each of the heads
 * @param none what to say when there are no rows
 */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  if (!process.stdout.isTTY)
    return [heads, ...rows].map((cells) => cells.map(inOneCell).join('\t')).join('\n');
  if (rows.length > mostDrawnRows) return inPlainColumns(heads, rows);
  const drawn = new Table({
    head: heads.map((head) => pc.bold(head)),
    style: { head: [], border: ['grey'] },
    wordWrap: true,
  });
  for (const cells of rows) drawn.push(cells.map((cell) => statusColours[cell]?.(cell) ?? cell));
  return drawn.toString();
}

/** The rows of a table without frames; a cell that is longer than its column shifts the rest of its row. */
function inPlainColumns(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells) => cells.map(inOneCell));
  const widths = heads.map((head, at) =>
    lines.reduce(
      (width, cells) => Math.max(width, Math.min(cells[at]?.length ?? 0, widestColumn)),
      head.length,
    ),
  );
  const drawn = (cells: readonly string[], colour: (cell: string) => (text: string) => string) =>
    cells
      .map((cell, at) => colour(cell)(cell) + ' '.repeat(Math.max((widths[at] ?? 0) - cell.length, 0)))
      .join('  ')
      .trimEnd();
  const plain = (text: string) => text;
  return [
    drawn(heads, () => pc.bold),
    ...lines.map((cells) => drawn(cells, (cell) => statusColours[cell] ?? plain)),
  ].join('\n');
}

/** Names and values, one pair a line; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [name: string, value: string | undefined])[]): string {
  const told = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
  const width = Math.max(...told.map(([name]) => name.length));
  return told
    .map(([name, value]) => `${pc.bold(name.padEnd(width))}  ${statusColours[value]?.(value) ?? value}`)
    .join('\n');
}

/** Lines of a tree: two spaces for each level. */
export const indented = (depth: number, line: string): string => `${'  '.repeat(depth)}${line}`;

export const inOneCell = (cell: string): string => cell.replace(/[\t\r\n]+/g, ' ');

/** `12 s`, `3 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const statusColours: Record<string, ((text: string) => string) | undefined> = {
  working: pc.cyan,
  in_progress: pc.cyan,
  processing: pc.cyan,
  completed: pc.green,
  ok: pc.green,
  failed: pc.red,
  blocked: pc.yellow,
  needs_input: pc.yellow,
};
