// Storage without a disk, for tests of what stands above it. Commits are durable at once; tests may make them fail.
import { Change, changesTold, type Commit, type KeptFact } from '../../src/domain/commit.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/fields.ts';
import { keyOf, RecordKindName, type AnyRecord, type Reference } from '../../src/domain/records.ts';
import { FactWindow } from '../../src/storage/fact-window.ts';
import { parseRecord } from '../../src/storage/record-files.ts';
import { applyChange } from '../../src/storage/replay.ts';
import { emptyRecords, type Loaded, type Storage, type StorageStatus } from '../../src/storage/storage.ts';
import { Unread } from '../../src/storage/unread.ts';

/** What outlives a process: hand the same disk to the next storage to "restart". */
export interface MemoryDisk {
  /** Commits as JSON, the way the journal holds them. */
  commits: string[];
}

export class MemoryStorage implements Storage {
  readonly #disk: MemoryDisk;
  readonly #facts: FactWindow;
  #failing: MaestroError | null = null;
  #closed = false;
  /** Commits wait here for release() while held; each in front of those behind it. */
  #held: { resolve: () => void; reject: (error: Error) => void }[] | null = null;

  constructor(disk: MemoryDisk = { commits: [] }) {
    this.#disk = disk;
    this.#facts = new FactWindow(0);
    for (const text of disk.commits) this.#addFacts(parseCommit(text));
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  load(): Loaded {
    const contents = new Map<string, JsonObject>();
    const commits = this.#disk.commits.map(parseCommit);
    for (const { changes } of commits)
      for (const change of changes) applyChange(contents, Change.parse(change));
    const records = emptyRecords();
    for (const [key, content] of contents) {
      const kind = RecordKindName.parse(key.slice(0, key.indexOf('/')));
      const record = parseRecord(kind, key.slice(keyOf(kind, '').length), content);
      if (record instanceof Error) throw record;
      (records[kind] as AnyRecord[]).push(record);
    }
    const lastSeq = Math.max(0, ...commits.flatMap(({ facts }) => facts.map(({ seq }) => seq)));
    const lastCommit = commits.at(-1)?.number ?? 0;
    return { records, lastCommit, lastSeq, problems: [], setAside: [], unread: new Unread() };
  }

  #addFacts({ at, changes, facts }: Commit): void {
    const toldOf = changesTold(changes, changes);
    for (const fact of facts) {
      const told = toldOf(fact);
      this.#facts.add({ fact, at, changes: told.length === 0 ? '' : JSON.stringify(told) });
    }
  }

  async commit(commit: Commit): Promise<void> {
    const text = JSON.stringify({ ...commit, images: [] });
    const refusal = this.refusal();
    if (refusal) throw refusal;
    if (this.#held) {
      const held = this.#held;
      await new Promise<void>((resolve, reject) => held.push({ resolve, reject }));
    }
    this.#disk.commits.push(text);
    this.#addFacts(parseCommit(text));
  }

  refusal(): MaestroError | null {
    if (this.#closed) return new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping');
    return this.#failing;
  }

  /** From now on commits wait until release() or lose(). */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const { resolve } of held) resolve();
  }

  /** The disk fails: what is held is lost, and commits are refused until mend(). */
  lose(): void {
    const failing = new MaestroError('STORAGE_UNAVAILABLE', 'the disk refuses writes');
    this.#failing = failing;
    const held = this.#held ?? [];
    this.#held = null;
    for (const { reject } of held) reject(failing);
  }

  mend(): void {
    this.#failing = null;
  }

  since(seq: number, exact = false): KeptFact[] | undefined {
    return this.#facts.since(seq, exact);
  }

  flush(_references: Reference[]): Promise<void> {
    return Promise.resolve();
  }

  status(): StorageStatus {
    const refusal = this.refusal();
    const none = { count: 0, records: [] };
    const rest = { behindBytes: 0, unwritten: none, setAside: { ...none, folder: '' } };
    return refusal ? { state: 'refusing', reason: refusal.message, ...rest } : { state: 'ok', ...rest };
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}

// Written by commit() above: the shape is known, the parse makes a copy that shares nothing.
const parseCommit = (text: string): Commit => JSON.parse(text) as Commit;
