// Start: reads the files, replays the journal over them, sets aside what cannot be read, migrates what is old.
import { mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Image } from '../domain/commit.ts';
import type { JsonObject } from '../domain/fields.ts';
import { keyOf, projectOf, RecordKindName, type AnyRecord, type RecordKind } from '../domain/records.ts';
import { FactWindow } from './fact-window.ts';
import { readHead, type Head } from './head.ts';
import type { Entry } from './journal-line.ts';
import { readJournal, type JournalContent, type SegmentFile } from './journal-reader.ts';
import { Quarantine } from './quarantine.ts';
import { parseRecord, removeLeftovers, type FileFound, type RecordFiles } from './record-files.ts';
import { applyChange } from './replay.ts';
import { emptyRecords, type Loaded, type LoadedRecords } from './storage.ts';

export interface Recovered extends Loaded {
  head: Head;
  segments: SegmentFile[];
  facts: FactWindow;
  /** Records whose files are older than they are: replayed or migrated. */
  behind: Image[];
}

export const journalFolder = (root: string): string => join(root, 'journal');

export function recover(root: string, files: RecordFiles): Recovered {
  mkdirSync(journalFolder(root), { recursive: true, mode: 0o700 });
  const quarantine = new Quarantine(root);
  const { head, problem } = readHead(root);
  const journal = readJournal(journalFolder(root), head);
  removeLeftovers(root);
  const found = new Map<string, FileFound>();
  const misplaced: string[] = [];
  for (const file of files.readAll()) {
    if (!isMisplaced(file)) found.set(keyOf(file.kind, file.id), file);
    else misplaced.push(quarantine.file(file.path, 'its projectId is not that of its folder'));
  }

  const { contents, replayed, problems } = replay(found, journal.entries, head.filesThrough);
  const { records, behind, unread } = parseAll(found, contents, replayed, quarantine);
  const facts = factsOf(journal, head);
  return {
    head,
    records,
    behind,
    segments: journal.segments,
    facts,
    lastCommit: Math.max(head.commit, journal.durable, journal.entries.at(-1)?.number ?? 0),
    lastSeq: facts.lastSeq,
    problems: [
      ...(problem ? [problem] : []),
      ...lossesOf(journal, quarantine),
      ...problems,
      ...misplaced,
      ...unread,
    ],
  };
}

/** A task in the folder of another project: its file there is not the one that is written, nor dropped with it. */
const isMisplaced = ({ kind, path, content }: FileFound): boolean =>
  kind === 'task' && !(content instanceof Error) && content['projectId'] !== basename(dirname(path));

/** A record that the journal speaks of, as its last change there left it. */
interface Replayed {
  kind: RecordKind;
  id: string;
  projectId: string | null;
  isDropped: boolean;
}

/** The journal's changes over the content of the files. */
function replay(found: Map<string, FileFound>, entries: Entry[], filesThrough: number) {
  const contents = new Map<string, JsonObject>();
  for (const [key, { content }] of found) if (!(content instanceof Error)) contents.set(key, content);
  const replayed = new Map<string, Replayed>();
  const headless = new Set<string>();
  for (const { number, changes } of entries) {
    if (number <= filesThrough) continue;
    for (const change of changes) {
      const { key, applied } = applyChange(contents, change);
      if (applied) headless.delete(key);
      else headless.add(key);
      const isDropped = change.op === 'drop';
      const projectId = isDropped ? change.projectId : null;
      replayed.set(key, { kind: change.kind, id: change.id, projectId, isDropped });
    }
  }
  const problems = [...headless].map((key) => `${key} was changed in the journal, but its file is gone`);
  return { contents, replayed, problems };
}

function parseAll(
  found: Map<string, FileFound>,
  contents: Map<string, JsonObject>,
  replayed: Map<string, Replayed>,
  quarantine: Quarantine,
) {
  const records: LoadedRecords = emptyRecords();
  const behind: Image[] = [];
  const unread: string[] = [];
  for (const [key, content] of contents) {
    const file = found.get(key);
    const [kind, id] = splitKey(key);
    const record = parseRecord(kind, id, content);
    if (record instanceof Error) {
      if (replayed.has(key)) unread.push(quarantine.record(key, content, record.message));
      if (file) unread.push(quarantine.file(file.path, record.message));
      continue;
    }
    add(records, kind, record);
    if (replayed.has(key) || isMigrated(record, content))
      behind.push({ kind, id, record, projectId: projectOf(kind, record) });
  }
  for (const [key, { path, content }] of found) {
    // Of a record that was dropped no file is missed, torn or whole: its removal was not synced.
    const isMissed = !contents.has(key) && replayed.get(key)?.isDropped !== true;
    if (content instanceof Error && isMissed) unread.push(quarantine.file(path, content.message));
  }
  for (const [key, { kind, id, projectId }] of replayed)
    if (!contents.has(key)) behind.push({ kind, id, projectId, record: null });
  return { records, behind, unread };
}

function add(records: LoadedRecords, kind: RecordKind, record: AnyRecord): void {
  // The schema of this kind made the record: the compiler cannot see that the two belong together.
  (records[kind] as AnyRecord[]).push(record);
}

function splitKey(key: string): [RecordKind, string] {
  const slash = key.indexOf('/');
  return [RecordKindName.parse(key.slice(0, slash)), key.slice(slash + 1)];
}

/** An old file: its schema filled something in, left an old field out, or read an old word as a new one. */
function isMigrated(record: AnyRecord, content: JsonObject): boolean {
  const names = Object.keys(record);
  if (names.length !== Object.keys(content).length || !names.every((name) => name in content)) return true;
  return 'status' in record && record.status !== content['status'];
}

/** The facts of the journal, if they reach up to the last one: of removed segments a power cut may bring old ones back. */
function factsOf({ entries }: JournalContent, { seq }: Head): FactWindow {
  const first = entries.find(({ facts }) => facts.length > 0)?.facts[0];
  const window = new FactWindow(first ? first.seq - 1 : seq);
  for (const entry of entries) window.add(entry);
  return window.lastSeq >= seq ? window : new FactWindow(seq);
}

function lossesOf({ lost, missing }: JournalContent, quarantine: Quarantine): string[] {
  const problems = lost.map((line) => quarantine.line(line));
  if (missing.count > 0)
    problems.push(`the journal lacks ${missing.count} acknowledged commit(s), the first is ${missing.first}`);
  return problems;
}
