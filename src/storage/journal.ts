// The journal that commits go to first. Whatever waits while a sync runs goes out together with the next one.
// J1. append() resolves after the sync of its line, in order.
// J2. A commit is taken only behind the one before it: what was made on a commit that failed fails too.
// J3. After a failed write nothing follows in that segment: it is cut to its last durable length, and the next line
//     stands in a new segment that says after which commit it continues. Else a good line would be glued to a fragment.
// J4. Nothing is written to a segment that has lost its name: it would be acknowledged, and gone with the process. Nor
//     is a folder that was put in its place written to; another server may have it.
import { rm } from 'node:fs/promises';
import { asError, MaestroError } from '../domain/errors.ts';
import type { CommitText } from './commit-text.ts';
import { encodeLine } from './journal-line.ts';
import type { SegmentFile } from './journal-reader.ts';
import { Segment } from './journal-segment.ts';
import { syncFile } from './sync.ts';

const SEGMENT_BYTES = 4 * 1024 * 1024;
/** An idle journal whose segment is larger begins a new one, so that the old one can go. */
const IDLE_BYTES = 64 * 1024;
/** How often a journal that could not write tries again. */
const RETRY_MS = 250;
/** J4. How long a look at the segment's name counts. */
const LOOK_MS = 250;
/** What may wait for a sync at the most; past it commits are refused. */
const PENDING_BYTES = 64 * 1024 * 1024;

interface Pending {
  number: number;
  text: CommitText;
  resolve: () => void;
  reject: (error: Error) => void;
}

export interface JournalOptions {
  folder: string;
  segments: SegmentFile[];
  /** The last commit that is durable. */
  durable: number;
  /** Up to which commit all is in synced files; written into the header of a new segment. */
  filesThrough: () => number;
  /** Waited for before each write: until the files behind the journal have caught up. Rejects when that takes too long. */
  room: () => Promise<void> | null;
  /** What the log is told: that the disk refuses, and that it takes writes again. */
  onProblem: (problem: string) => void;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #older: SegmentFile[];
  #segment: Segment | null = null;
  #ordinal: number;
  #durable: number;
  /** The last commit that was taken, durable or not yet. */
  #taken: number;
  #bytes = 0;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #failure: Error | null = null;
  #retry: NodeJS.Timeout | null = null;
  #recovering: Promise<void> | null = null;
  #closed = false;
  /** A new segment is to be begun though the present one is not full. */
  #turnAsked = false;
  #lastLook = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#older = [...options.segments];
    this.#ordinal = options.segments.at(-1)?.ordinal ?? 0;
    this.#durable = this.#taken = options.durable;
  }

  /** On a full disk it opens too, and refuses commits until there is room. */
  async open(): Promise<void> {
    // What was read may never have been synced by the process that wrote it; from now on it counts as durable.
    for (const { path } of this.#older) await syncFile(path);
    try {
      this.#segment = await this.#newSegment();
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#failure = asError(error);
      this.#options.onProblem(`the disk refuses writes: ${this.#failure.message}`);
      this.#scheduleRetry();
    }
  }

  /** All bytes that this process has made durable. */
  get bytes(): number {
    return this.#bytes;
  }

  refusal(): MaestroError | null {
    if (this.#closed) return new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping');
    if (this.#failure) {
      const message = `the disk refuses writes (${this.#failure.message}); nothing was changed, try again when it is writable`;
      return new MaestroError('STORAGE_UNAVAILABLE', message, undefined, { cause: this.#failure });
    }
    if (this.#pendingBytes > PENDING_BYTES)
      return new MaestroError('OVERLOADED', 'too many changes wait for the disk; try again in a moment');
    return null;
  }

  append(number: number, text: CommitText, bytes: number): Promise<void> {
    const refusal = this.refusal() ?? this.#outOfTurn(number);
    if (refusal) return Promise.reject(refusal);
    this.#taken = number;
    this.#pendingBytes += bytes;
    const durable = new Promise<void>((resolve, reject) => {
      this.#pending.push({ number, text, resolve, reject });
    });
    this.#writeOn();
    return durable;
  }

  /** J2. Its maker has not heard yet that a commit before it was lost. */
  #outOfTurn(number: number): MaestroError | null {
    if (number === this.#taken + 1) return null;
    return new MaestroError('STORAGE_UNAVAILABLE', 'a change before this one was lost; nothing was changed');
  }

  #writeOn(): void {
    if (this.#writing || (this.#pending.length === 0 && !this.#turnAsked)) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      this.#writeOn(); // What came between the end of the last batch and now.
    });
  }

  async #write(): Promise<void> {
    let batch: Pending[] = [];
    try {
      while (this.#pending.length > 0 || this.#turnAsked) {
        if (this.#turnAsked) await this.#turnIdle();
        if (this.#pending.length === 0) continue;
        await this.#options.room();
        batch = this.#pending;
        this.#pending = [];
        this.#pendingBytes = 0;
        await this.#writeBatch(batch);
        for (const { resolve } of batch) resolve();
        batch = [];
      }
    } catch (error) {
      await this.#fail(asError(error), batch);
    }
  }

  async #writeBatch(batch: Pending[]): Promise<void> {
    await this.#look();
    const segment = await this.#segmentWithRoom();
    for (const { text } of batch) if (text.ready) await text.ready;
    const lines = Buffer.from(batch.map(({ text }) => encodeLine(this.#durable, text.text)).join(''));
    await segment.append(lines);
    this.#bytes += lines.length;
    const last = batch.at(-1);
    if (last) this.#durable = segment.lastNumber = last.number;
  }

  async #segmentWithRoom(): Promise<Segment> {
    if (!this.#segment || this.#segment.bytes > SEGMENT_BYTES) {
      const next = await this.#newSegment();
      await this.#turnTo(next);
      return next;
    }
    return this.#segment;
  }

  /** J4. @throws when the segment is not where it was made. */
  async #look(): Promise<void> {
    if (performance.now() - this.#lastLook < LOOK_MS) return;
    if (!(await this.isInPlace()))
      throw new Error(
        `${this.#options.folder} was moved or removed; put it back as it was, or restart the server`,
      );
    this.#lastLook = performance.now();
  }

  /** Whether the folder is still the one that this journal was opened in. */
  async isInPlace(): Promise<boolean> {
    return this.#segment?.isInPlace() ?? true;
  }

  async #newSegment(): Promise<Segment> {
    const { folder, filesThrough } = this.#options;
    const segment = await Segment.create(folder, this.#ordinal + 1, this.#durable, filesThrough());
    this.#ordinal = segment.ordinal;
    return segment;
  }

  /** The next segment's header says what of the present one counts; of one without commits nothing does. */
  async #turnTo(next: Segment | null): Promise<void> {
    const present = this.#segment;
    this.#segment = next;
    if (!present) return;
    const { ordinal, path, lastNumber } = present;
    await present.close();
    const isGone = next && lastNumber === 0 && (await isRemoved(path));
    if (!isGone) this.#older.push({ ordinal, path, lastNumber });
  }

  /** Where the disk has no room for a new segment, the present one stays. */
  async #turnIdle(): Promise<void> {
    this.#turnAsked = false;
    await this.#newSegment().then(
      (next) => this.#turnTo(next),
      () => undefined,
    );
  }

  /** J3. All that is in flight fails together, and commits are refused until a new segment could be begun. */
  async #fail(error: Error, batch: Pending[]): Promise<void> {
    const lost = [...batch, ...this.#pending];
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#taken = this.#durable;
    if (!(error instanceof MaestroError)) {
      this.#failure = error;
      this.#options.onProblem(`the disk refuses writes: ${error.message}`);
      // Before anyone hears that it failed. Where it does not work, the next segment's header abandons the same lines.
      await this.#segment?.cut();
      this.#scheduleRetry();
    }
    const reason = this.refusal() ?? error;
    for (const { reject } of lost) reject(reason);
  }

  #scheduleRetry(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#recovering = this.#recover();
    }, RETRY_MS);
  }

  async #recover(): Promise<void> {
    try {
      await this.#look();
      await this.#turnTo(await this.#newSegment());
      this.#failure = null;
      this.#options.onProblem('the disk takes writes again');
    } catch (error) {
      this.#failure = asError(error);
      this.#scheduleRetry();
    }
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** Whether release() would remove a segment. */
  canRelease(through: number): boolean {
    const oldest = this.#older[0];
    return oldest !== undefined && oldest.lastNumber <= through;
  }

  /** Removes segments whose commits are all in synced files; an idle journal keeps a small one only. */
  async release(through: number): Promise<void> {
    if (this.#isDone(through)) {
      this.#turnAsked = true;
      this.#writeOn();
      await this.settled();
    }
    while (this.canRelease(through)) {
      const oldest = this.#older[0];
      if (oldest) await rm(oldest.path, { force: true });
      this.#older.shift();
    }
  }

  /** Whether the present segment is large, and all in it is in synced files. */
  #isDone(through: number): boolean {
    if (!this.#segment || this.#writing || this.#failure || this.#closed) return false;
    const { bytes, lastNumber } = this.#segment;
    return bytes > IDLE_BYTES && lastNumber > 0 && lastNumber <= through;
  }

  /** Waits for what is being written. With `everything` in the files, nothing of the journal needs to stay. */
  async close(everything: boolean): Promise<void> {
    await this.settled();
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#recovering;
    await this.#turnTo(null);
    if (everything) for (const { path } of this.#older) await rm(path, { force: true });
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

const isRemoved = (path: string): Promise<boolean> =>
  rm(path, { force: true }).then(
    () => true,
    () => false,
  );
