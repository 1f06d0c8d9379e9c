// Brings the contract's files up behind the journal. Writing files costs the main loop more than the commit did, so
// requests go first: small files follow in short slices when the loop is free, sessions and large files with their
// sync in the thread pool, a session at most once a second; ten changes to one record cost one write.
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import PQueue from 'p-queue';
import type { Image } from '../domain/commit.ts';
import { keyOf, recordKinds, type Reference } from '../domain/records.ts';
import type { RecordFiles } from './record-files.ts';
import { syncFolder } from './sync-folder.ts';

const SLICE_MS = 3;
/** Between two slices while commits keep coming. */
const BREATH_MS = 8;
const SESSION_REST_MS = 1_000;
const CONCURRENT_WRITES = 4;
const CONCURRENT_SYNCS = 16;
const RETRY_MS = 250;

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
  /** Partial records that were written a moment ago, and when they may be written again. */
  readonly #resting = new Map<string, number>();
  readonly #pool = new PQueue({ concurrency: CONCURRENT_WRITES });
  #unsyncedFiles = new Set<string>();
  #unsyncedFolders = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #lastNote = 0;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** These records are what they are since commit `number`, which ended at byte `position` of the journal. */
  note(images: Image[], number: number, position: number): void {
    for (const image of images) {
      const key = keyOf(image.kind, image.id);
      const present = this.#dirty.get(key);
      if (present) present.image = image;
      else this.#dirty.set(key, { image, since: number, position });
    }
    this.#lastNote = this.#options.monotonic();
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
    for (const { kind, id } of references) {
      const key = keyOf(kind, id);
      await this.#writing.get(key)?.done;
      const dirty = this.#dirty.get(key);
      if (dirty) await this.#write(key, dirty);
    }
  }

  /** Writes all there is. */
  async flushAll(): Promise<void> {
    while (!this.idle && !this.#stopped) {
      const all = [...this.#dirty.values()].map(({ image }) => image);
      await Promise.all([this.flush(all), ...[...this.#writing.values()].map(({ done }) => done)]);
    }
  }

  /** Pays the syncs that are owed for files written so far. */
  async sync(): Promise<void> {
    const files = this.#unsyncedFiles;
    const folders = this.#unsyncedFolders;
    this.#unsyncedFiles = new Set();
    this.#unsyncedFolders = new Set();
    try {
      const pool = new PQueue({ concurrency: CONCURRENT_SYNCS });
      await pool.addAll([...files].map((path) => () => syncFile(path)));
      await pool.addAll([...folders].map((folder) => () => syncFolder(folder)));
    } catch (error) {
      for (const path of files) this.#unsyncedFiles.add(path);
      for (const folder of folders) this.#unsyncedFolders.add(folder);
      throw error;
    }
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#pool.pause();
  }

  #schedule(afterMs: number): void {
    if (this.#stopped || this.#timer || this.#dirty.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#schedule(this.#slice());
    }, afterMs);
  }

  /** Writes what is due for a few milliseconds; returns when to go on. */
  #slice(): number {
    const { monotonic, onProblem } = this.#options;
    const began = monotonic();
    let due = Number.POSITIVE_INFINITY;
    for (const [key, dirty] of this.#dirty) {
      if (monotonic() - began > SLICE_MS) {
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
        onProblem(`${this.#options.files.pathOf(dirty.image)} could not be written: ${String(error)}`);
        return RETRY_MS;
      }
    }
    for (const [key, until] of this.#resting) if (until <= began) this.#resting.delete(key);
    const busy = began - this.#lastNote < BREATH_MS;
    return Math.max(busy ? BREATH_MS : 0, due === Number.POSITIVE_INFINITY ? 0 : due - began);
  }

  /** Partial records must never be torn (the journal holds only parts of them); they can be large, too. */
  #isLarge({ kind, record }: Image): boolean {
    return record !== null && recordKinds[kind].partial;
  }

  #writeNow(key: string, { image }: Dirty): void {
    this.#options.files.writeNow(image);
    this.#dirty.delete(key);
    this.#owe(image, image.record !== null);
  }

  async #write(key: string, dirty: Dirty): Promise<void> {
    if (!this.#isLarge(dirty.image)) {
      this.#writeNow(key, dirty);
      return;
    }
    this.#dirty.delete(key);
    const done = this.#pool
      .add(() => this.#options.files.writeSynced(dirty.image))
      .then(() => {
        this.#owe(dirty.image, false);
        if (dirty.image.kind === 'session')
          this.#resting.set(key, this.#options.monotonic() + SESSION_REST_MS);
      })
      .catch((error: unknown) => {
        this.#takeBack(key, dirty);
        this.#options.onProblem(
          `${this.#options.files.pathOf(dirty.image)} could not be written: ${String(error)}`,
        );
        throw error;
      })
      .finally(() => this.#writing.delete(key));
    this.#writing.set(key, { dirty, done });
    await done;
  }

  /** A file that was not written stays owed since its oldest commit, and first in line. */
  #takeBack(key: string, dirty: Dirty): void {
    const others = [...this.#dirty];
    const newer = this.#dirty.get(key);
    this.#dirty.clear();
    this.#dirty.set(key, { ...dirty, image: newer?.image ?? dirty.image });
    for (const [other, each] of others) if (other !== key) this.#dirty.set(other, each);
    this.#resting.set(key, this.#options.monotonic() + RETRY_MS);
    this.#schedule(RETRY_MS);
  }

  #owe(image: Image, file: boolean): void {
    const path = this.#options.files.pathOf(image);
    if (file) this.#unsyncedFiles.add(path);
    else this.#unsyncedFiles.delete(path);
    this.#unsyncedFolders.add(dirname(path));
  }
}

async function syncFile(path: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    // Removed since: the drop owes a sync of the folder only.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
