// One line of the journal: `{crc32} {durable} {json}\n`. The checksum covers all behind it; `durable` is the number
// of the last commit that was known durable when the line was written, which tells a torn tail from a lost line.
import { z } from 'zod';
import { Change } from '../domain/commit.ts';
import { Fact } from '../domain/facts.ts';
import { checkedBody, encodeChecked } from './checked-line.ts';

/** First line of a segment. */
const Header = z.object({
  segment: z.number().int(),
  /** Commits of older segments above this one were abandoned: their write failed. */
  after: z.number().int(),
  /** Commits up to this one were in synced files when the segment was begun. */
  filesThrough: z.number().int().default(0),
});
export type Header = z.infer<typeof Header>;

const Entry = z.object({
  number: z.number().int(),
  at: z.number(),
  changes: z.array(Change),
  facts: z.array(Fact),
});
export type Entry = z.infer<typeof Entry>;

/** What is known of a line before its JSON is parsed. */
export type Line =
  | { kind: 'header'; durable: number; header: Header }
  | { kind: 'entry'; durable: number; number: number }
  | { kind: 'broken' };

export const encodeLine = (durable: number, json: string): string => encodeChecked(`${durable} ${json}`);

export const encodeHeader = (durable: number, header: Header): string =>
  encodeLine(durable, JSON.stringify(header));

/** How a line of a commit begins: with what was durable, and the commit's number. */
const entryHead = /^(\d+) \{"number":(\d+),/;
const HEAD_BYTES = 64;

/** Looks at a line without its newline. Whatever is wrong with it, the answer is `broken`, never a throw. */
export function peekLine(line: Buffer): Line {
  const body = checkedBody(line);
  if (!body) return { kind: 'broken' };
  const entry = entryHead.exec(body.toString('latin1', 0, HEAD_BYTES));
  if (entry) return { kind: 'entry', durable: Number(entry[1]), number: Number(entry[2]) };
  try {
    const header = Header.parse(jsonOf(body));
    return { kind: 'header', durable: Number.parseInt(body.toString('latin1', 0, HEAD_BYTES), 10), header };
  } catch {
    // A line whose checksum is right and whose content is not ours: written by a newer version. Set aside as broken.
    return { kind: 'broken' };
  }
}

/** The commit in a line that peekLine() found to be one; null when it is not one of this version. */
export function decodeEntry(line: Buffer): Entry | null {
  const body = checkedBody(line);
  try {
    return body && Entry.parse(jsonOf(body));
  } catch {
    return null;
  }
}

const jsonOf = (body: Buffer): unknown => JSON.parse(body.toString('utf8', body.indexOf(' ') + 1));
