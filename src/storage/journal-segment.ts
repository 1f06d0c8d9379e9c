// The segment of the journal that is being written: one open file, whose lines only grow. Ahead of them stand zeros: a sync of
// what is written over them has no new length or blocks to note, and costs two thirds of one that has.
import type { Stats } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHeader } from './journal-line.ts';
import { SEGMENT_SUFFIX, type SegmentFile } from './journal-reader.ts';
import { syncFolder } from './sync.ts';
import { FILE_MODE, writeAll } from './write-atomic.ts';

/** As many zeros as there are lines, within these bounds. */
const LEAST_AHEAD = 16 * 1024;
const MOST_AHEAD = 1024 * 1024;
const zeros = Buffer.alloc(MOST_AHEAD);

export class Segment implements SegmentFile {
  readonly ordinal: number;
  readonly path: string;
  lastNumber = 0;
  readonly #handle: FileHandle;
  /** Tells the file from another one of the same name. */
  readonly #identity: string;
  #bytes: number;
  /** Up to here the file has its blocks. */
  #reserved = 0;

  private constructor(ordinal: number, path: string, handle: FileHandle, made: { is: Stats; bytes: number }) {
    this.ordinal = ordinal;
    this.path = path;
    this.#handle = handle;
    this.#identity = identityOf(made.is);
    this.#bytes = made.bytes;
  }

  /**
   * A new file that says after which commit it continues, and up to which commit the files hold everything; durable, with
   * its name, when this resolves.
   * @throws what the disk says; the file is removed then.
   */
  static async create(
    folder: string,
    ordinal: number,
    after: number,
    filesThrough: number,
  ): Promise<Segment> {
    const path = join(folder, `${String(ordinal).padStart(8, '0')}${SEGMENT_SUFFIX}`);
    const handle = await open(path, 'w', FILE_MODE);
    try {
      const header = Buffer.from(encodeHeader(after, { segment: ordinal, after, filesThrough }));
      await writeAll(handle, header, 0);
      await handle.datasync();
      await syncFolder(folder);
      return new Segment(ordinal, path, handle, { is: await handle.stat(), bytes: header.length });
    } catch (error) {
      await handle.close();
      await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Durable bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends, durably. After a failure nothing may follow. */
  async append(bytes: Buffer): Promise<void> {
    const end = this.#bytes + bytes.length;
    if (end > this.#reserved) await this.#reserve(end);
    await writeAll(this.#handle, bytes, this.#bytes);
    await this.#handle.datasync();
    this.#bytes = end;
  }

  /** Where the disk has no room for zeros, it may still have some for a line. */
  async #reserve(from: number): Promise<void> {
    const ahead = Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, this.#bytes));
    try {
      await writeAll(this.#handle, zeros.subarray(0, ahead), from);
      this.#reserved = from + ahead;
    } catch {
      await this.cut();
    }
  }

  /** Cuts off what is not durable, as far as the disk does that. */
  async cut(): Promise<void> {
    this.#reserved = 0;
    await this.#handle.truncate(this.#bytes).catch(() => undefined);
  }

  /** Whether the file still has the name under which it was made. */
  isInPlace(): Promise<boolean> {
    return stat(this.path).then(
      (found) => identityOf(found) === this.#identity,
      () => false,
    );
  }

  async close(): Promise<void> {
    await this.cut();
    // The disk that just failed may fail here too.
    await this.#handle.close().catch(() => undefined);
  }
}

const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;
