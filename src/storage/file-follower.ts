// Brings the contract's files up behind the journal. Writing files costs the main loop more than the commit did, so
// requests go first: small files follow in short slices when the loop is free, sessions and large files with their
// sync in the thread pool, a session about once a second; ten changes to one record cost one write.
import { setMaxListeners } from 'node:events';
import { dirname } from 'node:path';
import pMap from 'p-map';
import PQueue from 'p-queue';
import type { Image } from '../domain/commit.ts';
import { asError } from '../domain/errors.ts';
import { keyOf, recordKinds, type Reference } from '../domain/records.ts';
import { Pace } from './pace.ts';
import type { RecordFiles } from './record-files.ts';
import { syncFile, syncFolder } from './sync.ts';

/** From a commit to the first slice: what comes right behind it goes first. */
const BREATH_MS = 8;
/** Short of a second, because a change that comes right after a write must be in the file within one. */
const SESSION_REST_MS = 850;
const CONCURRENT_WRITES = 4;
/** Few, so that the journal's own sync finds a free thread of the pool's four. */
const CONCURRENT_SYNCS = 2;
const RETRY_MS = 250;
/** Records that are written together when all are; between two such lots the loop is free for a moment. */
const LOT = 64;

/** The newest image of a record, and the oldest commit of it that is not in its file. */
interface Dirty {
  image: Image;
  since: number;
  /** Journal bytes at that commit. */
  position: number;
}

export interface FollowerOptions {
  files: RecordFiles;
  /** The monotonic time in milliseconds. */
  monotonic: () => number;
  onProblem: (problem: string) => void;
}

export class FileFollower {
  readonly #options: FollowerOptions;
  readonly #dirty = new Map<string, Dirty>();
  /** Being written in the thread pool right now. */
  readonly #writing = new Map<string, { dirty: Dirty; done: Promise<void> }>();
  /** Records that were written a moment ago, or could not be, and when they may be written again. */
  readonly #resting = new Map<string, number>();
  readonly #pool = new PQueue({ concurrency: CONCURRENT_WRITES });
  /** Records whose last write failed; that is reported once. */
  readonly #failing = new Set<string>();
  readonly #stopping = new AbortController();
  #unsyncedFiles = new Set<string>();
  #unsyncedFolders = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #timerAt = 0;
  /** The end of the breath after a slice between requests: no commit makes it shorter. */
  #breathUntil = 0;
  readonly #pace: Pace;
  /** Journal bytes at the newest commit. */
  #position = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#pace = new Pace(options.monotonic);
    setMaxListeners(0, this.#stopping.signal); // One for each write in the pool.
  }

  /** These records are what they are since commit `number`, which ended at byte `position` of the journal. */
  note(images: Image[], number: number, position: number): void {
    for (const image of images) {
      const key = keyOf(image.kind, image.id);
      const present = this.#dirty.get(key);
      if (present) present.image = image;
      else this.#dirty.set(key, { image, since: number, position });
    }
    this.#position = position;
    this.#schedule(BREATH_MS);
  }

  /** Whether all that was noted is in the files (synced or not). */
  get idle(): boolean {
    return this.#dirty.size === 0 && this.#writing.size === 0;
  }

  /** The oldest commit that is not wholly in the files; undefined when all are. */
  oldest(): Pick<Dirty, 'since' | 'position'> | undefined {
    let oldest: Dirty | undefined;
    // Both maps are small or in order: the first dirty one is the oldest, and at most a few are being written.
    const first = this.#dirty.values().next().value;
    if (first) oldest = first;
    for (const { dirty } of this.#writing.values()) if (!oldest || dirty.since < oldest.since) oldest = dirty;
    return oldest;
  }

  /** Writes these records now, and resolves when their files are there. */
  async flush(references: Reference[]): Promise<void> {
    for (const { kind, id } of references) await this.#flushOne(keyOf(kind, id));
  }

  /** Writes all there is; rejects when a part of it could not be written. */
  async flushAll(): Promise<void> {
    const keys = [...this.#writing.keys(), ...this.#dirty.keys()];
    let failure: PromiseRejectedResult | undefined;
    for (let start = 0; start < keys.length && !this.#isStopped; start += LOT) {
      const lot = keys.slice(start, start + LOT).map((key) => this.#flushOne(key));
      failure ??= (await Promise.allSettled(lot)).find((each) => each.status === 'rejected');
      await new Promise(setImmediate);
    }
    if (failure) throw asError(failure.reason);
  }

  async #flushOne(key: string): Promise<void> {
    // What is being written may be older than what is asked for; whether that succeeds does not matter here.
    await this.#writing.get(key)?.done.catch(() => undefined);
    const begunSince = this.#writing.get(key);
    if (begunSince) return begunSince.done;
    const dirty = this.#dirty.get(key);
    if (dirty) await this.#write(key, dirty);
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

  /** Writes nothing more; whoever waits for a file hears that it was not written. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#stopping.abort(new Error('the server is stopping'));
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #schedule(afterMs: number): void {
    if (this.#isStopped || this.#dirty.size === 0) return;
    const now = this.#options.monotonic();
    const at = Math.max(now + afterMs, this.#breathUntil);
    if (this.#timer) {
      if (this.#timerAt <= at) return;
      clearTimeout(this.#timer);
    }
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#schedule(this.#slice());
    }, at - now);
  }

  /** Writes what is due for a few milliseconds; returns when to go on. */
  #slice(): number {
    const { monotonic } = this.#options;
    const began = monotonic();
    const sliceMs = this.#pace.sliceMs();
    let due = Number.POSITIVE_INFINITY;
    for (const [key, dirty] of this.#dirty) {
      if (monotonic() - began > sliceMs) {
        due = began;
        break;
      }
      const rest = this.#resting.get(key);
      if (rest !== undefined && rest > began) {
        due = Math.min(due, rest);
        continue;
      }
      if (this.#writing.has(key) || (this.#isLarge(dirty.image) && this.#pool.size > CONCURRENT_WRITES)) {
        due = Math.min(due, began + BREATH_MS);
        continue;
      }
      try {
        if (this.#isLarge(dirty.image)) this.#write(key, dirty).catch(() => undefined);
        else this.#writeNow(key, dirty);
      } catch (error) {
        this.#putOff(key, dirty.image, error);
        due = Math.min(due, began + RETRY_MS);
      }
    }
    for (const [key, until] of this.#resting) if (until <= began) this.#resting.delete(key);
    const ended = monotonic();
    const behind = this.#position - (this.oldest()?.position ?? this.#position);
    this.#breathUntil = ended + this.#pace.breathAfter(ended - began, behind);
    return due === Number.POSITIVE_INFINITY ? 0 : due - began;
  }

  /** Partial records must never be torn (the journal holds only parts of them); they can be large, too. */
  #isLarge({ kind, record }: Image): boolean {
    return record !== null && recordKinds[kind].partial;
  }

  #writeNow(key: string, { image }: Dirty): void {
    this.#options.files.writeNow(image);
    this.#dirty.delete(key);
    this.#failing.delete(key);
    this.#owe(image, image.record !== null);
  }

  async #write(key: string, dirty: Dirty): Promise<void> {
    if (!this.#isLarge(dirty.image)) {
      this.#writeNow(key, dirty);
      return;
    }
    this.#dirty.delete(key);
    const done = this.#pool
      .add(() => this.#options.files.writeSynced(dirty.image), { signal: this.#stopping.signal })
      .then(() => {
        this.#failing.delete(key);
        this.#owe(dirty.image, false);
        if (dirty.image.kind === 'session')
          this.#resting.set(key, this.#options.monotonic() + SESSION_REST_MS);
      })
      .catch((error: unknown) => {
        this.#takeBack(key, dirty);
        this.#putOff(key, dirty.image, error);
        throw error;
      })
      .finally(() => this.#writing.delete(key));
    this.#writing.set(key, { dirty, done });
    await done;
  }

  /** A file that was not written stays owed since its oldest commit, and the oldest stays first in line. */
  #takeBack(key: string, dirty: Dirty): void {
    const newer = this.#dirty.get(key);
    this.#dirty.set(key, { ...dirty, image: newer?.image ?? dirty.image });
    const byAge = [...this.#dirty].sort(([, a], [, b]) => a.since - b.since);
    this.#dirty.clear();
    for (const [other, each] of byAge) this.#dirty.set(other, each);
  }

  #putOff(key: string, image: Image, error: unknown): void {
    if (this.#isStopped) return;
    this.#resting.set(key, this.#options.monotonic() + RETRY_MS);
    this.#schedule(RETRY_MS);
    if (this.#failing.has(key)) return;
    this.#failing.add(key);
    this.#options.onProblem(`${this.#options.files.pathOf(image)} could not be written: ${String(error)}`);
  }

  #owe(image: Image, file: boolean): void {
    const path = this.#options.files.pathOf(image);
    if (file) this.#unsyncedFiles.add(path);
    else this.#unsyncedFiles.delete(path);
    this.#unsyncedFolders.add(dirname(path));
    if (image.kind === 'task') this.#unsyncedFolders.add(dirname(dirname(path))); // Its folder may be new.
  }
}
