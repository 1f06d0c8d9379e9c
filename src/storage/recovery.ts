// Start: reads the files and logs, replays the journal over them, sets aside what cannot be read, migrates what is old.
import { mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { changesTold, type Image } from '../domain/commit.ts';
import type { JsonObject } from '../domain/fields.ts';
import {
  idOf,
  keyOf,
  projectOf,
  RecordKindName,
  type AnyRecord,
  type RecordKind,
} from '../domain/records.ts';
import { AnswerLog, loadAnswers, type LoadedAnswer } from './answer-log.ts';
import { loadFacts, type LoadedFacts } from './fact-log.ts';
import { FactWindow } from './fact-window.ts';
import { readHead, type Head } from './head.ts';
import type { Entry } from './journal-line.ts';
import { readJournal, type JournalContent, type SegmentFile } from './journal-reader.ts';
import { Quarantine, type SetAside } from './quarantine.ts';
import { parseRecord, type FileFound, type FolderUnread, type RecordFiles } from './record-files.ts';
import { applyChange } from './replay.ts';
import { emptyRecords, type Loaded, type LoadedRecords } from './storage.ts';
import { Unread } from './unread.ts';
import { FOLDER_MODE } from './write-atomic.ts';

export interface Recovered extends Loaded {
  head: Head;
  segments: SegmentFile[];
  factLog: LoadedFacts;
  facts: FactWindow;
  answers: AnswerLog;
  /** Records whose files are older than they are: replayed or migrated. */
  behind: Image[];
  /** Files of kept answers that a version before 0.2 wrote: they are in the log of answers when that was saved. */
  oldAnswers: string[];
}

export const journalFolder = (root: string): string => join(root, 'journal');
export const factFolder = (root: string): string => join(journalFolder(root), 'facts');
export const answerFolder = (root: string): string => join(root, 'answers');

export function recover(root: string, files: RecordFiles): Recovered {
  mkdirSync(journalFolder(root), { recursive: true, mode: FOLDER_MODE });
  const quarantine = new Quarantine(root);
  const earlier = quarantine.earlier();
  const { head: written, problem } = readHead(root);
  const journal = readJournal(journalFolder(root), written);
  const head = { ...written, filesThrough: journal.filesThrough };
  files.writer.removeLeftovers();

  const unreadFolders: FolderUnread[] = [];
  const found = new Map<string, FileFound>();
  for (const file of files.readAll((folder) => unreadFolders.push(folder))) {
    const key = keyOf(file.kind, file.id);
    if (!isMisplaced(file)) found.set(key, file);
    else earlier.push(quarantine.file(file.path, 'its projectId is not that of its folder', key));
  }
  const loadedAnswers = loadAnswers(answerFolder(root));
  const factLog = loadFacts(factFolder(root));
  const { contents, replayed, problems } = replay({
    found,
    loadedAnswers,
    journal,
    head,
    facts: factLog.window,
  });
  const { records, behind, unread } = parseAll(found, contents, replayed, quarantine);
  const setAside = [...earlier, ...unread, ...journal.lost().map((lines) => quarantine.lines(lines))];
  // What was put back since an earlier start set it aside is there again.
  const isLoaded = setAside.length === 0 ? () => false : keysOf(records);
  const isMissing = ({ key }: SetAside): boolean => key === null || !isLoaded(key);

  const facts = factLog.window.lastSeq >= head.seq ? factLog.window : new FactWindow(head.seq);
  const answers = new AnswerLog(answerFolder(root));
  adoptAnswers(answers, records, loadedAnswers, behind);
  return {
    head,
    records,
    behind,
    segments: journal.segments,
    factLog,
    facts,
    answers,
    oldAnswers: [...found.values()].flatMap(({ kind, path }) => (kind === 'answer' ? [path] : [])),
    lastCommit: Math.max(head.commit, journal.durable, journal.lastNumber),
    lastSeq: facts.lastSeq,
    setAside: setAside.filter((each) => each.sentence !== null || isMissing(each)),
    unread: unreadOf(setAside.filter(isMissing), unreadFolders),
    problems: [
      ...(problem ? [problem] : []),
      ...lossOf(journal),
      ...problems,
      ...unreadFolders.map(
        ({ path, reason }) => `${path} could not be read (${reason}); its tasks are missing`,
      ),
      ...setAside.flatMap(({ sentence }) => sentence ?? []),
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

interface ReplaySources {
  found: Map<string, FileFound>;
  loadedAnswers: Map<string, LoadedAnswer>;
  journal: JournalContent;
  head: Head;
  /** Gets the facts that are only in the journal. */
  facts: FactWindow;
}

/** The journal's changes over the content of the files, commit by commit. */
function replay({ found, loadedAnswers, journal, head, facts }: ReplaySources) {
  const contents = new Map<string, JsonObject>();
  for (const [key, { content }] of found) if (!(content instanceof Error)) contents.set(key, content);
  for (const [id, { content }] of loadedAnswers) contents.set(keyOf('answer', id), content);
  const replayed = new Map<string, Replayed>();
  const headless = new Set<string>();
  for (const entry of journal.entries()) {
    addFacts(facts, entry);
    if (entry.number <= head.filesThrough) continue;
    for (const change of entry.changes) {
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

function addFacts(window: FactWindow, { at, changes, facts }: Entry): void {
  const toldOf = changesTold(changes, changes);
  for (const fact of facts) {
    if (fact.seq <= window.lastSeq) continue;
    const told = toldOf(fact);
    window.add({ fact, at, changes: told.length === 0 ? '' : JSON.stringify(told) });
  }
}

function parseAll(
  found: Map<string, FileFound>,
  contents: Map<string, JsonObject>,
  replayed: Map<string, Replayed>,
  quarantine: Quarantine,
) {
  const records: LoadedRecords = emptyRecords();
  const behind: Image[] = [];
  const unread: SetAside[] = [];
  for (const [key, content] of contents) {
    const file = found.get(key);
    const [kind, id] = splitKey(key);
    const record = parseRecord(kind, id, content);
    if (record instanceof Error) {
      if (replayed.has(key)) unread.push(quarantine.record(key, content, record.message));
      if (file) unread.push(quarantine.file(file.path, record.message, key));
      continue;
    }
    add(records, kind, record);
    if (replayed.has(key) || (file && isMigrated(record, content)) || (file && kind === 'answer'))
      behind.push({ kind, id, record, projectId: projectOf(kind, record) });
  }
  for (const [key, { path, content }] of found) {
    // Of a record that was dropped no file is missed, torn or whole: its removal was not synced.
    const isMissed = !contents.has(key) && replayed.get(key)?.isDropped !== true;
    if (content instanceof Error && isMissed) unread.push(quarantine.file(path, content.message, key));
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

/** An old file: its schema filled something in, left something out, or read an old word as a new one. */
function isMigrated(record: AnyRecord, content: JsonObject): boolean {
  const fields = Object.entries(record).filter(([, value]) => value !== undefined);
  if (fields.length !== Object.keys(content).length) return true;
  if (fields.some(([name]) => !Object.hasOwn(content, name))) return true;
  return 'status' in record && record.status !== content['status'];
}

/** Answers that are in the log, and not only in the journal or a file of their own. */
function adoptAnswers(
  log: AnswerLog,
  { answer }: LoadedRecords,
  loaded: Map<string, LoadedAnswer>,
  behind: Image[],
): void {
  const unsaved = new Set(behind.flatMap(({ kind, id }) => (kind === 'answer' ? [id] : [])));
  for (const each of answer) {
    const ordinal = unsaved.has(each.id) ? undefined : loaded.get(each.id)?.ordinal;
    if (ordinal !== undefined) log.adopt(each, ordinal);
  }
}

/** @returns whether the record of a key was loaded */
function keysOf(records: LoadedRecords): (key: string) => boolean {
  const keys = new Set<string>();
  for (const kind of RecordKindName.options)
    for (const record of records[kind]) keys.add(keyOf(kind, idOf(record)));
  return (key) => keys.has(key);
}

function unreadOf(missing: SetAside[], folders: FolderUnread[]): Unread {
  const unread = new Unread();
  for (const { key } of missing) if (key !== null) unread.add(key);
  for (const { projectId } of folders) unread.addTasksOf(projectId);
  return unread;
}

function lossOf({ missing }: JournalContent): string[] {
  if (missing.count === 0) return [];
  return [`the journal lacks ${missing.count} acknowledged commit(s), the first is ${missing.first}`];
}
