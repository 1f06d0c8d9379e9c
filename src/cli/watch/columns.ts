// Cells as lines of one width, each of which fits on one line of the terminal.
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/**
 * @param cells rows of printable text, coloured or not
 * @param widths of the columns, the space behind each included; what does not fit ends in `…`
 * @returns a line for each row
 */
export const inColumns = (cells: readonly (readonly string[])[], widths: readonly number[]): string[] =>
  drawn(cells, widths, false);

/** One line of at most this width. */
export const inOneLine = (text: string, width: number): string => drawn([[text]], [width], false)[0] ?? '';

/** A name and a text beside it, on as many lines as it takes, up to a limit. */
export function besideName(name: string, text: string, width: number, most: number): string[] {
  const nameWidth = stripVTControlCharacters(name).length + 1;
  return drawn([[name, text]], [nameWidth, Math.max(width - nameWidth, 12)], true).slice(0, most);
}

function drawn(
  cells: readonly (readonly string[])[],
  colWidths: readonly number[],
  wordWrap: boolean,
): string[] {
  if (cells.length === 0) return [];
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 1 };
  const table = new Table({ chars: noBorders, style, colWidths: [...colWidths], wordWrap });
  for (const row of cells) table.push([...row]);
  return table.toString().split('\n');
}

/** Lines around the one that must be seen: all, or a part and how many are above and below. */
export function windowOf(count: number, must: number, height: number): { from: number; to: number } {
  if (count <= height) return { from: 0, to: count };
  const from = Math.min(Math.max(must - Math.floor(height / 2), 0), count - height);
  return { from, to: from + height };
}
