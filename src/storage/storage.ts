// The storage port. Two implementations pass one acceptance suite: files (the embedded default) and memory (tests).
// P1. commit() resolves only when the commit is durable, and commits resolve in the order in which they were given.
// P2. A commit is all or nothing, across all of its records.
// P3. When one commit fails, all that wait behind it fail too, and nothing of them is ever seen again.
import type { Commit, KeptFact } from '../domain/commit.ts';
import type { MaestroError } from '../domain/errors.ts';
import type { RecordKind, RecordTypes, Reference } from '../domain/records.ts';
import type { Unread } from './unread.ts';

export type LoadedRecords = { [K in RecordKind]: RecordTypes[K][] };

export interface Loaded {
  records: LoadedRecords;
  /** The number of the last commit, and of the last fact; 0 on empty data. */
  lastCommit: number;
  lastSeq: number;
  /** What was found wrong, as sentences with paths; for the log. */
  problems: string[];
  /** Files that could not be read, at this start or an earlier one, and where they are now. */
  setAside: FileReport[];
  /** The records in them: whatever names these is left alone. */
  unread: Unread;
}

export interface FileReport {
  path: string;
  reason: string;
}

/** How many there are, and the first of them. */
export interface FileReports {
  count: number;
  records: FileReport[];
}

export interface StorageStatus {
  /** `refusing`: commits fail at once until the disk takes writes again; reads go on. */
  state: 'ok' | 'refusing';
  reason?: string;
  /** Journal bytes whose changes are not in the files yet. */
  behindBytes: number;
  /** Records whose files cannot be written; everything else goes on. */
  unwritten: FileReports;
  /** Records whose files could not be read, and the folder in which they are. */
  setAside: FileReports & { folder: string };
}

export interface Storage {
  /**
   * Takes the folder for this process and recovers what a crash left behind.
   * @throws MaestroError CONFLICT when another process holds it; an Error when it cannot be used at all.
   */
  open(): Promise<void>;
  /** All records as they were last acknowledged. Called once, after open(). */
  load(): Loaded;
  /**
   * Makes a commit durable. Its images must never change afterwards.
   * @throws MaestroError STORAGE_UNAVAILABLE or OVERLOADED; then it has not happened, nor any commit given after it.
   */
  commit(commit: Commit): Promise<void>;
  /** Why a commit would be refused now; null while commits are taken. */
  refusal(): MaestroError | null;
  /**
   * The facts after `seq`, oldest first; undefined when they are no longer all held, or `seq` lies ahead.
   * At least the last 10,000 are held, also after a crash.
   * @param exact whether the changes of each are needed, which have a bound in bytes
   */
  since(seq: number, exact?: boolean): KeptFact[] | undefined;
  /** Brings the files of these records up to date (contract: before the manifest CLI reads them). */
  flush(references: Reference[]): Promise<void>;
  status(): StorageStatus;
  /** Flushes for at most `limitMs`, leaves the rest in the journal, lets the folder go. Safe to call twice. */
  close(limitMs?: number): Promise<void>;
}

/** Facts that are held at the least for watchers that come back. */
export const HELD_FACTS = 10_000;

export const emptyRecords = (): LoadedRecords => ({
  project: [],
  task: [],
  session: [],
  queue: [],
  template: [],
  answer: [],
});
