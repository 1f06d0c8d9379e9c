// Writes the contract's files behind the journal. A record is written a while after its first change, so that all its
// changes meanwhile cost one write; it is written in the thread pool, so that a slow disk does not hold up requests.
// W1. Records are written in the order of their oldest unwritten change, so that the first of them says how far the files are.
// W2. A record that cannot be written stands aside and is tried again: it holds up nobody. What the journal holds of it is
//     kept until a newer whole image of it is there (`heldBack`, and Records.restate).
// W3. A file that the journal holds only changes of is synced before it is renamed: torn, nothing could mend it.
import { dirname } from 'node:path';
import pMap from 'p-map';
import PQueue from 'p-queue';
import type { Image } from '../domain/commit.ts';
import { asError } from '../domain/errors.ts';
import { keyOf, recordKinds, type Reference } from '../domain/records.ts';
import type { RecordFiles } from './record-files.ts';
import { syncFile, syncFolder } from './sync.ts';

/** From the first unwritten change of a record to its file. The contract allows a second. */
const WRITE_AFTER_MS = 600;
/** Few, so that the journal's own write and sync find a free thread of the pool's four. */
const CONCURRENT_WRITES = 2;
const CONCURRENT_SYNCS = 2;
/** After a failure a record is tried again, later each time. */
const RETRY_MS = 250;
const LONGEST_RETRY_MS = 2_000;
/** Records that stand aside and are tried again in one slice. */
const RETRIES_AT_ONCE = 16;
/** Records that are flushed together; between two batches the loop is free for a moment. */
const BATCH = 64;

/** The newest image of a record that is not in its file. */
interface Unwritten {
  key: string;
  image: Image;
  /** The oldest commit of it that is in no synced file, nor made needless by a later whole image in the journal. */
  since: number;
  /** Journal bytes at that commit. */
  position: number;
  /** When it is to be written, monotonic ms. */
  dueAt: number;
  /** W3. Whether the journal holds parts of it only. */
  isPartial: boolean;
}

interface Failed extends Unwritten {
  retryMs: number;
  reason: string;
}

/** A record that could not be written, for `/health`. */
export interface UnwrittenFile {
  path: string;
  reason: string;
}

export interface Noted {
  image: Image;
  /** Whether the commit holds the whole record. */
  isWhole: boolean;
}

export interface WriteBehindOptions {
  files: RecordFiles;
  /** The monotonic time in milliseconds. */
  monotonic: () => number;
  /** Calls back after some milliseconds, the undo is returned. */
  after?: (ms: number, call: () => void) => () => void;
  onProblem: (problem: string) => void;
}

export class WriteBehind {
  readonly #options: WriteBehindOptions;
  /** W1. */
  readonly #unwritten = new Map<string, Unwritten>();
  /** Being written in the thread pool right now. */
  readonly #writing = new Map<string, { unwritten: Unwritten; done: Promise<void> }>();
  /** W2. */
  readonly #failed = new Map<string, Failed>();
  readonly #pool = new PQueue({ concurrency: CONCURRENT_WRITES });
  readonly #after: (ms: number, call: () => void) => () => void;
  #unsyncedFiles = new Set<string>();
  #unsyncedFolders = new Set<string>();
  #cancelTimer: (() => void) | null = null;
  #timerAt = 0;
  /** When those that stand aside are tried again at the earliest. */
  #retryAt = 0;
  #placeProblem = '';
  #stopped = false;
  /** Journal bytes at the newest commit. */
  #position = 0;

  constructor(options: WriteBehindOptions) {
    this.#options = options;
    this.#after = options.after ?? afterMs;
  }

  /** These records are what they are since commit `number`, which ended at byte `position` of the journal. */
  note(noted: Noted[], number: number, position: number): void {
    this.#position = position;
    for (const each of noted) this.#noteOne(each, number, position);
    this.#scheduleNext();
  }

  #noteOne({ image, isWhole }: Noted, number: number, position: number): void {
    const key = keyOf(image.kind, image.id);
    const failed = this.#failed.get(key);
    if (failed) {
      // What the journal said before of a record that it now holds whole is not needed any more.
      const from = isWhole ? { since: number, position } : {};
      Object.assign(failed, { image, ...from, isPartial: failed.isPartial && !isWhole });
      return;
    }
    const present = this.#unwritten.get(key);
    if (present) {
      present.image = image;
      return;
    }
    const dueAt = this.#options.monotonic() + WRITE_AFTER_MS;
    this.#unwritten.set(key, { key, image, since: number, position, dueAt, isPartial: !isWhole });
  }

  /** Whether all that was noted is in the files (synced or not), but for what stands aside. */
  get idle(): boolean {
    return this.#unwritten.size === 0 && this.#writing.size === 0;
  }

  /** Whether nothing is left to be written. */
  get isDone(): boolean {
    return this.idle && this.#failed.size === 0;
  }

  /** The oldest commit that the journal is still needed for; undefined when there is none. */
  oldest(): number | undefined {
    let oldest: number | undefined;
    for (const { since } of this.#all()) if (oldest === undefined || since < oldest) oldest = since;
    return oldest;
  }

  /** Journal bytes from the oldest change on that waits for its write; asked for each batch of commits. */
  get pendingBytes(): number {
    return this.#bytesOf(this.#pending());
  }

  /** The same, with the records that stand aside. */
  get behindBytes(): number {
    return this.#bytesOf(this.#all());
  }

  #bytesOf(records: Iterable<Unwritten>): number {
    let most = 0;
    for (const { position } of records) most = Math.max(most, this.#position - position);
    return most;
  }

  *#all(): Generator<Unwritten> {
    yield* this.#failed.values();
    yield* this.#pending();
  }

  /** W1. The oldest that waits, and the few that are being written. */
  #pending(): Unwritten[] {
    const [first] = this.#unwritten.values();
    const writing = [...this.#writing.values()].map(({ unwritten }) => unwritten);
    return first ? [first, ...writing] : writing;
  }

  /** The records that stand aside and hold the journal back by more than so many bytes. */
  heldBack(bytes: number): Reference[] {
    return [...this.#failed.values()]
      .filter(({ position }) => this.#position - position > bytes)
      .map(({ image: { kind, id } }) => ({ kind, id }));
  }

  /** The records that cannot be written. */
  unwritten(): UnwrittenFile[] {
    const { files } = this.#options;
    const retried = [...this.#writing.values()].map(({ unwritten }) => unwritten);
    return [...this.#failed.values(), ...retried].flatMap((each) =>
      'reason' in each ? [{ path: files.pathOf(each.image), reason: (each as Failed).reason }] : [],
    );
  }

  /** Writes these records now, and resolves when their files are there. @throws what the disk says. */
  async flush(references: Reference[]): Promise<void> {
    const keys: string[] = [];
    for (const { kind, id } of references) {
      const key = keyOf(kind, id);
      if (this.#unwritten.has(key) || this.#writing.has(key) || this.#failed.has(key)) keys.push(key);
    }
    await this.#flushKeys(keys);
  }

  /** Writes all there is; rejects when a part of it could not be written. */
  async flushAll(): Promise<void> {
    await this.#flushKeys([...this.#writing.keys(), ...this.#unwritten.keys(), ...this.#failed.keys()]);
  }

  async #flushKeys(keys: string[]): Promise<void> {
    let failure: PromiseRejectedResult | undefined;
    for (let start = 0; start < keys.length && !this.#stopped; start += BATCH) {
      const batch = keys.slice(start, start + BATCH).map((key) => this.#flushOne(key));
      failure ??= (await Promise.allSettled(batch)).find((each) => each.status === 'rejected');
      if (start + BATCH < keys.length) await new Promise(setImmediate);
    }
    if (failure) throw asError(failure.reason);
    if (this.#stopped && keys.some((key) => this.#unwritten.has(key) || this.#failed.has(key)))
      throw stopping();
  }

  async #flushOne(key: string): Promise<void> {
    // What is being written may be older than what is asked for; whether that succeeds does not matter here.
    await this.#writing.get(key)?.done.catch(() => undefined);
    const begunSince = this.#writing.get(key);
    if (begunSince) return begunSince.done;
    const unwritten = this.#unwritten.get(key) ?? this.#failed.get(key);
    if (unwritten) await this.#write(unwritten);
  }

  /** Pays the syncs that are owed for files written so far. */
  async sync(): Promise<void> {
    const files = this.#unsyncedFiles;
    const folders = this.#unsyncedFolders;
    this.#unsyncedFiles = new Set();
    this.#unsyncedFolders = new Set();
    try {
      // After a failure it begins no more: thousands may be owed, and the next attempt begins them anew.
      await pMap(files, syncFile, { concurrency: CONCURRENT_SYNCS });
      await pMap(folders, syncFolder, { concurrency: CONCURRENT_SYNCS });
    } catch (error) {
      for (const path of files) this.#unsyncedFiles.add(path);
      for (const folder of folders) this.#unsyncedFolders.add(folder);
      throw error;
    }
  }

  /** Begins no more writes, and resolves when those under way have ended: a late rename could replace a newer file. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await Promise.allSettled([...this.#writing.values()].map(({ done }) => done));
  }

  /** While the pool is full, the end of a write goes on. */
  #scheduleNext(): void {
    const dueAt = this.#nextDue();
    if (dueAt !== undefined && !this.#isFull) this.#schedule(dueAt);
  }

  #nextDue(): number | undefined {
    const [first] = this.#unwritten.values();
    const [retry] = this.#failed.values();
    const retryAt = retry && Math.max(retry.dueAt, this.#retryAt);
    if (!first || retryAt === undefined) return first?.dueAt ?? retryAt;
    return Math.min(first.dueAt, retryAt);
  }

  #schedule(at: number): void {
    if (this.#stopped) return;
    if (this.#cancelTimer) {
      if (this.#timerAt <= at) return;
      this.#cancelTimer();
    }
    this.#timerAt = at;
    this.#cancelTimer = this.#after(Math.max(0, at - this.#options.monotonic()), () => {
      this.#cancelTimer = null;
      this.#writeDue();
    });
  }

  /** Begins to write what is due, as far as the pool has room. */
  #writeDue(): void {
    const now = this.#options.monotonic();
    try {
      this.#options.files.checkPlace();
      this.#placeProblem = '';
      this.#retryFailed(now);
      for (const unwritten of this.#unwritten.values()) {
        if (unwritten.dueAt > now || this.#isFull) break;
        // While its older content is being written, the newer waits.
        if (!this.#writing.has(unwritten.key)) void this.#write(unwritten).catch(() => undefined);
      }
      this.#scheduleNext();
    } catch (error) {
      this.#reportPlace(error);
      this.#schedule(now + RETRY_MS);
    }
  }

  get #isFull(): boolean {
    return this.#pool.pending >= CONCURRENT_WRITES;
  }

  /** A few at a time while they fail, so that thousands of them cost little. */
  #retryFailed(now: number): void {
    if (now < this.#retryAt) return;
    this.#retryAt = now + RETRY_MS;
    for (const failed of [...this.#failed.values()].slice(0, RETRIES_AT_ONCE)) {
      if (failed.dueAt > now) break;
      if (!this.#writing.has(failed.key)) void this.#write(failed).catch(() => undefined);
    }
  }

  async #write(unwritten: Unwritten): Promise<void> {
    const { key, image, isPartial } = unwritten;
    const { kind, record } = image;
    const { files } = this.#options;
    if (this.#stopped) throw stopping();
    this.#unwritten.delete(key);
    this.#failed.delete(key);
    // W3.
    const isSynced = isPartial || recordKinds[kind].partial === 'always';
    const work = async (): Promise<void> => {
      if (this.#stopped) throw stopping();
      files.checkPlace();
      if (record === null) files.remove(image);
      else if (isSynced) await files.writeSynced(image, record);
      else await files.write(image, record);
    };
    const done = this.#pool
      .add(work)
      .then(() => this.#isWritten(unwritten, image, record !== null && !isSynced))
      .catch((error: unknown) => {
        this.#putAside(unwritten, error);
        throw error;
      })
      .finally(() => {
        this.#writing.delete(key);
        this.#writeOn();
      });
    this.#writing.set(key, { unwritten, done });
    await done;
  }

  /** The pool has room again. */
  #writeOn(): void {
    const dueAt = this.#nextDue();
    if (dueAt === undefined || this.#stopped) return;
    if (dueAt <= this.#options.monotonic()) this.#writeDue();
    else this.#schedule(dueAt);
  }

  #isWritten(unwritten: Unwritten, image: Image, needsSync: boolean): void {
    const path = this.#options.files.pathOf(image);
    if ('retryMs' in unwritten) {
      this.#options.onProblem(`${path} could be written again`);
      // So can the others, as it seems.
      this.#retryAt = this.#options.monotonic();
    }
    if (needsSync) this.#unsyncedFiles.add(path);
    else this.#unsyncedFiles.delete(path);
    this.#unsyncedFolders.add(dirname(path));
    if (image.kind === 'task') this.#unsyncedFolders.add(dirname(dirname(path))); // Its folder may be new.
  }

  /** W2. What came meanwhile is newer than what could not be written. */
  #putAside(tried: Unwritten & { retryMs?: number }, error: unknown): void {
    const { key } = tried;
    const newer = this.#unwritten.get(key);
    this.#unwritten.delete(key);
    const before = tried.retryMs;
    const retryMs = before === undefined ? RETRY_MS : Math.min(2 * before, LONGEST_RETRY_MS);
    const reason = asError(error).message;
    // Behind the others that stand aside, which are tried before.
    this.#failed.delete(key);
    this.#failed.set(key, {
      ...tried,
      image: newer?.image ?? tried.image,
      isPartial: tried.isPartial || newer?.isPartial === true,
      retryMs,
      reason,
      dueAt: this.#options.monotonic() + retryMs,
    });
    if (this.#stopped) return;
    if (before === undefined)
      this.#options.onProblem(`${this.#options.files.pathOf(tried.image)} could not be written: ${reason}`);
    this.#scheduleNext();
  }

  #reportPlace(error: unknown): void {
    const { message } = asError(error);
    if (message !== this.#placeProblem) this.#options.onProblem(`the files cannot be written: ${message}`);
    this.#placeProblem = message;
  }
}

const stopping = (): Error => new Error('the server is stopping');

function afterMs(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
