// Reads the journal that an earlier process left. A broken line that no later line declares durable is the torn tail:
// nobody was told of it, it is dropped with all behind it. Any other broken line is a loss, and reported.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Head } from './head.ts';
import { decodeLine, type Entry } from './journal-line.ts';

export const SEGMENT_SUFFIX = '.log';

export interface SegmentFile {
  ordinal: number;
  path: string;
  /** The last commit and fact in it; 0 when it holds none. */
  lastNumber: number;
  lastSeq: number;
}

export interface BrokenLine {
  path: string;
  /** 1 for the first line of the file. */
  line: number;
  text: string;
}

export interface JournalContent {
  entries: Entry[];
  segments: SegmentFile[];
  /** Lines that held acknowledged commits and cannot be read. */
  lost: BrokenLine[];
  /** Acknowledged commits that are not among those that were read. */
  missing: { count: number; first: number };
  /** The last commit that the journal says was durable. */
  durable: number;
}

type Item = { entry: Entry; segment: SegmentFile } | { broken: BrokenLine };

/** @param head what is known beside the journal: commits that were durable, and those whose files are. */
export function readJournal(folder: string, head: Pick<Head, 'commit' | 'filesThrough'>): JournalContent {
  const segments = listSegments(folder);
  let items: Item[] = [];
  let durable = head.commit;
  let before: number | null = null;
  for (const segment of segments) {
    for (const [index, text] of linesOf(segment.path).entries()) {
      const line = decodeLine(text);
      if (line.kind === 'broken') {
        items.push({ broken: { path: segment.path, line: index + 1, text } });
        continue;
      }
      durable = Math.max(durable, line.durable);
      if (line.kind === 'entry') {
        items.push({ entry: line.entry, segment });
        continue;
      }
      const { after } = line.header;
      durable = Math.max(durable, after);
      if (items.length === 0) before = after;
      else items = items.filter((item) => 'broken' in item || item.entry.number <= after);
    }
  }
  return sift(items, segments, { before, durable, filesThrough: head.filesThrough });
}

/** Only a gap in the numbers tells of a commit that is not there: a broken line without one held none. */
function sift(
  items: Item[],
  segments: SegmentFile[],
  { before, durable, filesThrough }: { before: number | null; durable: number; filesThrough: number },
): JournalContent {
  const missing = { count: 0, first: 0 };
  const content: JournalContent = { entries: [], segments, lost: [], missing, durable };
  const lose = (broken: BrokenLine[], first: number, to: number) => {
    // What is in synced files is not missed: segments are removed one by one, and a power cut may bring one back.
    const from = Math.max(first, filesThrough + 1);
    if (from >= to) return;
    content.lost.push(...broken);
    if (missing.count === 0) missing.first = from;
    missing.count += to - from;
  };
  let last = before;
  let broken: BrokenLine[] = [];
  for (const item of items) {
    if ('broken' in item) {
      broken.push(item.broken);
      continue;
    }
    const { entry, segment } = item;
    last ??= entry.number - 1;
    if (entry.number > last + 1) {
      if (last + 1 > durable) return content;
      lose(broken, last + 1, entry.number);
    }
    // Numbers go back only behind abandoned commits, also where the header that says so is damaged.
    while ((content.entries.at(-1)?.number ?? 0) >= entry.number) content.entries.pop();
    broken = [];
    content.entries.push(entry);
    last = entry.number;
    segment.lastNumber = entry.number;
    segment.lastSeq = entry.facts.at(-1)?.seq ?? segment.lastSeq;
  }
  if (last !== null && durable > last) lose(broken, last + 1, durable + 1);
  return content;
}

/** Zeros at the end were written ahead of lines that did not come. */
const ahead = /\0+$/;

function linesOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8').replace(ahead, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function listSegments(folder: string): SegmentFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SEGMENT_SUFFIX))
    .map((name) => ({
      ordinal: Number.parseInt(name, 10),
      path: join(folder, name),
      lastNumber: 0,
      lastSeq: 0,
    }))
    .filter(({ ordinal }) => Number.isInteger(ordinal))
    .sort((a, b) => a.ordinal - b.ordinal);
}
