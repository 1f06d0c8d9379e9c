// A line whose content is checked: `{crc32 of the body, 8 hex digits} {body}\n`. Whatever decides what counts after a
// crash is made of such lines: the journal, the log of facts, the log of kept answers, the head.
import { crc32 } from 'node:zlib';

/** Hex digits of the checksum, and the blank behind them. */
const PREFIX = 9;
const NEWLINE = 10;
const BLANK = 32;

export const encodeChecked = (body: string): string =>
  `${crc32(body).toString(16).padStart(8, '0')} ${body}\n`;

/** The body of a line without its newline; null when the checksum is not that of the body. */
export function checkedBody(line: Buffer): Buffer | null {
  if (line[PREFIX - 1] !== BLANK) return null;
  const body = line.subarray(PREFIX);
  return line.toString('latin1', 0, PREFIX - 1) === crc32(body).toString(16).padStart(8, '0') ? body : null;
}

/** The lines of a file without their newlines. Zeros at its end were written ahead of lines that did not come. */
export function* linesOf(bytes: Buffer): Generator<Buffer> {
  const end = lengthWithoutZeros(bytes);
  for (let start = 0; start < end; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const stop = newline === -1 || newline > end ? end : newline;
    yield bytes.subarray(start, stop);
    start = stop + 1;
  }
}

function lengthWithoutZeros(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}
