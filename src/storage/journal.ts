// The journal that commits go to first. Whatever waits while a sync runs goes out together with the next one.
// J1. append() resolves after the sync of its line, in order.
// J2. After a failed write nothing follows in that segment: it is cut to its last durable length, and the next line
//     stands in a new segment that says after which commit it continues. Else a good line would be glued to a fragment.
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asError, MaestroError } from '../domain/errors.ts';
import { FILE_MODE } from './write-atomic.ts';
import { syncFolder } from './sync-folder.ts';
import { encodeLine } from './journal-line.ts';
import { SEGMENT_SUFFIX, type SegmentFile } from './journal-reader.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
/** How often a journal that could not write tries again. */
const RETRY_MS = 250;
/** What may wait for a sync at the most; past it commits are refused. */
const PENDING_BYTES = 64 * 1024 * 1024;

interface Pending {
  number: number;
  lastSeq: number;
  json: string;
  resolve: () => void;
  reject: (error: Error) => void;
}

interface Segment extends SegmentFile {
  handle: FileHandle;
  bytes: number;
}

export interface JournalOptions {
  folder: string;
  segments: SegmentFile[];
  /** The last commit that is durable. */
  durable: number;
  /** Waited for before each write: until the files behind the journal have caught up. Rejects when that takes too long. */
  room: () => Promise<void> | null;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #older: SegmentFile[];
  #segment: Segment | null = null;
  #ordinal: number;
  #durable: number;
  #bytes = 0;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #failure: Error | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#older = [...options.segments];
    this.#ordinal = options.segments.at(-1)?.ordinal ?? 0;
    this.#durable = options.durable;
  }

  async open(): Promise<void> {
    this.#segment = await this.#newSegment();
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

  append(number: number, lastSeq: number, json: string): Promise<void> {
    const refusal = this.refusal();
    if (refusal) return Promise.reject(refusal);
    this.#pendingBytes += json.length;
    const durable = new Promise<void>((resolve, reject) => {
      this.#pending.push({ number, lastSeq, json, resolve, reject });
    });
    this.#writeOn();
    return durable;
  }

  #writeOn(): void {
    if (this.#writing || this.#pending.length === 0) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      this.#writeOn(); // What came while a failed batch was being cleared away.
    });
  }

  async #write(): Promise<void> {
    let batch: Pending[] = [];
    try {
      while (this.#pending.length > 0) {
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
    const segment = await this.#segmentWithRoom();
    const text = Buffer.from(batch.map(({ json }) => encodeLine(this.#durable, json)).join(''));
    await writeAll(segment.handle, text, segment.bytes);
    await segment.handle.datasync();
    segment.bytes += text.length;
    this.#bytes += text.length;
    const last = batch.at(-1);
    if (last) this.#durable = segment.lastNumber = last.number;
    segment.lastSeq = Math.max(segment.lastSeq, last?.lastSeq ?? 0);
  }

  async #segmentWithRoom(): Promise<Segment> {
    if (!this.#segment || this.#segment.bytes > SEGMENT_BYTES) {
      const next = await this.#newSegment();
      await this.#retireSegment();
      this.#segment = next;
    }
    return this.#segment;
  }

  async #newSegment(): Promise<Segment> {
    const ordinal = this.#ordinal + 1;
    const path = join(this.#options.folder, `${String(ordinal).padStart(8, '0')}${SEGMENT_SUFFIX}`);
    const handle = await open(path, 'w', FILE_MODE);
    try {
      const header = JSON.stringify({ segment: ordinal, after: this.#durable });
      const text = Buffer.from(encodeLine(this.#durable, header));
      await writeAll(handle, text, 0);
      await handle.datasync();
      await syncFolder(this.#options.folder);
      this.#ordinal = ordinal;
      return { ordinal, path, handle, bytes: text.length, lastNumber: 0, lastSeq: 0 };
    } catch (error) {
      await handle.close();
      await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async #retireSegment(): Promise<void> {
    if (!this.#segment) return;
    const { handle, ordinal, path, lastNumber, lastSeq } = this.#segment;
    this.#segment = null;
    this.#older.push({ ordinal, path, lastNumber, lastSeq });
    // The disk that just failed may fail here too; the new segment's header says what of this one counts.
    await handle.close().catch(() => undefined);
  }

  /** J2. All that is in flight fails together, and commits are refused until a new segment could be begun. */
  async #fail(error: Error, batch: Pending[]): Promise<void> {
    const lost = [...batch, ...this.#pending];
    this.#pending = [];
    this.#pendingBytes = 0;
    if (!(error instanceof MaestroError)) {
      this.#failure = error;
      this.#scheduleRetry();
    }
    const reason = this.refusal() ?? error;
    for (const { reject } of lost) reject(reason);
    // Cutting works on a full disk too. Where it fails, the next segment's header abandons the same lines.
    if (this.#segment) await this.#segment.handle.truncate(this.#segment.bytes).catch(() => undefined);
  }

  #scheduleRetry(): void {
    this.#retry = setTimeout(() => {
      void this.#recover();
    }, RETRY_MS);
  }

  async #recover(): Promise<void> {
    try {
      const next = await this.#newSegment();
      await this.#retireSegment();
      this.#segment = next;
      this.#failure = null;
    } catch (error) {
      this.#failure = asError(error);
      if (!this.#closed) this.#scheduleRetry();
    }
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** How many segments could be let go once their commits are in the files. */
  get olderSegments(): number {
    return this.#older.length;
  }

  /** Removes segments whose commits are all in synced files, and whose facts are older than what must be held. */
  async release(through: number, oldestSeq: number): Promise<void> {
    for (;;) {
      const oldest = this.#older[0];
      if (!oldest || oldest.lastNumber > through || oldest.lastSeq >= oldestSeq) return;
      await rm(oldest.path, { force: true });
      this.#older.shift();
    }
  }

  /** Waits for what is being written. With `everything` in the files, nothing of the journal needs to stay. */
  async close(everything: boolean): Promise<void> {
    await this.#writing;
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#retireSegment();
    if (everything) for (const { path } of this.#older) await rm(path, { force: true });
  }
}

/** A short write is the first sign of a full disk: the rest is tried once more, so that the cause becomes known. */
async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    if (bytesWritten === 0) throw new Error('the disk took no more bytes');
    written += bytesWritten;
  }
}
