// Reads the journal that an earlier process left. A broken line that no later line declares durable is the torn tail:
// nobody was told of it, it is dropped with all behind it. Any other broken line is a loss, and reported.
// The lines are read twice: first their numbers, since a later header may abandon earlier lines; then, one by one, what
// counts. So a start needs memory for one segment and not for all that the journal says.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from './checked-line.ts';
import type { Head } from './head.ts';
import { decodeEntry, peekLine, type Entry } from './journal-line.ts';

export const SEGMENT_SUFFIX = '.log';

export interface SegmentFile {
  ordinal: number;
  path: string;
  /** The last commit in it; 0 when it holds none. */
  lastNumber: number;
}

/** Lines that cannot be read, one behind the other. */
export interface BrokenLines {
  path: string;
  /** 1 for the first line of the file. */
  first: number;
  last: number;
  text: string;
}

interface Place {
  segment: SegmentFile;
  /** 1 for the first line of the file. */
  line: number;
}

interface Item extends Place {
  /** Null for a line that cannot be read. */
  number: number | null;
}

export interface JournalContent {
  segments: SegmentFile[];
  /** The last commit that counts; 0 when there is none. */
  lastNumber: number;
  /** Acknowledged commits that are not among those that were read. */
  missing: { count: number; first: number };
  /** The last commit that the journal says was durable. */
  durable: number;
  /** Commits up to this one were in synced files, as the headers say. */
  filesThrough: number;
  /** The commits that count, in order, each parsed when it is asked for. */
  entries: () => Generator<Entry>;
  /** Lines that held acknowledged commits and cannot be read. Complete when `entries` was read to its end. */
  lost: () => BrokenLines[];
}

/** @param head what is known beside the journal: commits that were durable, and those whose files are. */
export function readJournal(folder: string, head: Pick<Head, 'commit' | 'filesThrough'>): JournalContent {
  const segments = listSegments(folder);
  let items: Item[] = [];
  let durable = head.commit;
  let before: number | null = null;
  let filesThrough = head.filesThrough;
  for (const segment of segments) {
    let line = 0;
    for (const text of linesOf(readFileSync(segment.path))) {
      line += 1;
      const found = peekLine(text);
      if (found.kind === 'broken') {
        items.push({ segment, line, number: null });
        continue;
      }
      durable = Math.max(durable, found.durable);
      if (found.kind === 'entry') {
        items.push({ segment, line, number: found.number });
        continue;
      }
      const { after } = found.header;
      durable = Math.max(durable, after);
      filesThrough = Math.max(filesThrough, found.header.filesThrough);
      if (items.length === 0) before = after;
      else items = items.filter(({ number }) => number === null || number <= after);
    }
  }
  return sift(items, segments, { before, durable, filesThrough });
}

/** Only a gap in the numbers tells of a commit that is not there: a broken line without one held none. */
function sift(
  items: Item[],
  segments: SegmentFile[],
  { before, durable, filesThrough }: { before: number | null; durable: number; filesThrough: number },
): JournalContent {
  const missing = { count: 0, first: 0 };
  const lost: Place[] = [];
  const counting: (Place & { number: number })[] = [];
  const lose = (broken: Place[], first: number, to: number) => {
    // What is in synced files is not missed: segments are removed one by one, and a power cut may bring one back.
    const from = Math.max(first, filesThrough + 1);
    if (from >= to) return;
    for (const place of broken) lost.push(place);
    if (missing.count === 0) missing.first = from;
    missing.count += to - from;
  };
  let last = before;
  let isTorn = false;
  let broken: Place[] = [];
  for (const { segment, line, number } of items) {
    if (number === null) {
      broken.push({ segment, line });
      continue;
    }
    last ??= number - 1;
    if (number > last + 1) {
      isTorn = last + 1 > durable;
      if (isTorn) break;
      lose(broken, last + 1, number);
    }
    // Numbers go back only behind abandoned commits, also where the header that says so is damaged.
    while ((counting.at(-1)?.number ?? 0) >= number) counting.pop();
    broken = [];
    counting.push({ segment, line, number });
    last = number;
    segment.lastNumber = number;
  }
  if (!isTorn && last !== null && durable > last) lose(broken, last + 1, durable + 1);
  return {
    segments,
    lastNumber: counting.at(-1)?.number ?? 0,
    missing,
    durable,
    filesThrough,
    entries: function* () {
      for (const { place, text } of textsOf(counting)) {
        const entry = decodeEntry(text);
        if (entry) yield entry;
        else lost.push(place);
      }
    },
    lost: () => runsOf(lost),
  };
}

/** Lines that stand one behind the other go together: there may be hundreds of thousands. */
function runsOf(places: readonly Place[]): BrokenLines[] {
  const runs: { path: string; first: number; last: number; texts: string[] }[] = [];
  for (const { place, text } of textsOf(places)) {
    const { path } = place.segment;
    const run = runs.at(-1);
    if (run?.path === path && run.last === place.line - 1) {
      run.last = place.line;
      run.texts.push(text.toString('utf8'));
    } else runs.push({ path, first: place.line, last: place.line, texts: [text.toString('utf8')] });
  }
  return runs.map(({ texts, ...run }) => ({ ...run, text: texts.join('\n') }));
}

/** The texts of lines, in the order of the places; each segment is read once where they are in order. */
function* textsOf<P extends Place>(places: readonly P[]): Generator<{ place: P; text: Buffer }> {
  let path = '';
  let lines: Buffer[] = [];
  for (const place of places) {
    if (place.segment.path !== path) {
      path = place.segment.path;
      lines = [...linesOf(readFileSync(path))];
    }
    const text = lines[place.line - 1];
    if (text) yield { place, text };
  }
}

function listSegments(folder: string): SegmentFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SEGMENT_SUFFIX))
    .map((name) => ({ ordinal: Number.parseInt(name, 10), path: join(folder, name), lastNumber: 0 }))
    .filter(({ ordinal }) => Number.isInteger(ordinal))
    .sort((a, b) => a.ordinal - b.ordinal);
}
