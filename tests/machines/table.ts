// A table in a test: the first line names the commands, every other line a state and what each command does there:
// `-` it is refused, `=` it is taken and the state stays, else the state that it leads to.
export type Row = Record<string, string>;

export function tableOf(text: string): Map<string, Row> {
  const [head = [], ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return new Map(lines.map(([place = '', ...cells]) => [place, rowOf(place, head, cells)]));
}

function rowOf(place: string, head: string[], cells: string[]): Row {
  if (cells.length !== head.length) throw new Error(`the row of ${place} has ${cells.length} cells`);
  return Object.fromEntries(head.map((command, index) => [command, cells[index] ?? '']));
}
