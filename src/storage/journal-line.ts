// One line of the journal: `{crc32} {durable} {json}\n`. The checksum covers all behind it; `durable` is the number
// of the last commit that was known durable when the line was written, which tells a torn tail from a lost line.
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { Change, type Commit } from '../domain/commit.ts';
import { Fact } from '../domain/facts.ts';

/** First line of a segment: commits of older segments above `after` were abandoned (their write failed). */
const Header = z.object({ segment: z.number().int(), after: z.number().int() });
export type Header = z.infer<typeof Header>;

const Entry = z.object({
  number: z.number().int(),
  at: z.number(),
  changes: z.array(Change),
  facts: z.array(Fact),
});
export type Entry = z.infer<typeof Entry>;

export type Line =
  | { kind: 'header'; durable: number; header: Header }
  | { kind: 'entry'; durable: number; entry: Entry }
  | { kind: 'broken' };

/** The JSON of a commit, without its images. Made when the commit is given, so that nothing later can change it. */
export const serialise = ({ number, at, changes, facts }: Commit): string =>
  JSON.stringify({ number, at, changes, facts });

export function encodeLine(durable: number, json: string): string {
  const body = `${durable} ${json}`;
  return `${crc32(body).toString(16).padStart(8, '0')} ${body}\n`;
}

/** Reads a line without its newline. Whatever is wrong with it, the answer is `broken`, never a throw. */
export function decodeLine(text: string): Line {
  const body = text.slice(9);
  if (text[8] !== ' ' || crc32(body).toString(16).padStart(8, '0') !== text.slice(0, 8))
    return { kind: 'broken' };
  const space = body.indexOf(' ');
  const durable = Number(body.slice(0, space));
  try {
    const json: unknown = JSON.parse(body.slice(space + 1));
    const header = Header.safeParse(json);
    if (header.success) return { kind: 'header', durable, header: header.data };
    return { kind: 'entry', durable, entry: Entry.parse(json) };
  } catch {
    // A line whose checksum is right and whose content is not ours: written by a newer version. Set aside as broken.
    return { kind: 'broken' };
  }
}
