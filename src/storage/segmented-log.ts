// An append-only log in files of bounded size, oldest first. What it holds is also in the journal until sync() has
// returned, so a torn last line loses nothing. Files are removed whole, the oldest first.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, open, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { checkedBody, encodeChecked, linesOf } from './checked-line.ts';
import { syncFolder } from './sync.ts';
import { FILE_MODE, FOLDER_MODE, writeAll } from './write-atomic.ts';

const SUFFIX = '.log';

export interface LogFile {
  ordinal: number;
  bytes: number;
}

export interface LogLine {
  ordinal: number;
  body: string;
}

/** The lines of a log as an earlier process left them; a line that is torn or damaged is left out. */
export function* readLog(folder: string): Generator<LogLine> {
  for (const ordinal of ordinalsIn(folder))
    for (const line of linesOf(readFileSync(pathIn(folder, ordinal)))) {
      const body = checkedBody(line);
      if (body) yield { ordinal, body: body.toString('utf8') };
    }
}

export class SegmentedLog {
  readonly #folder: string;
  readonly #fileBytes: number;
  /** Those that are not written any more, oldest first. */
  readonly #older: LogFile[];
  #current: { file: LogFile; handle: FileHandle } | null = null;
  #ordinal: number;

  /** @param fileBytes a file that has grown to this size is followed by a new one */
  constructor(folder: string, fileBytes: number) {
    this.#folder = folder;
    this.#fileBytes = fileBytes;
    this.#older = ordinalsIn(folder).map((ordinal) => ({
      ordinal,
      bytes: statSync(pathIn(folder, ordinal)).size,
    }));
    this.#ordinal = this.#older.at(-1)?.ordinal ?? 0;
  }

  /** The ordinal of the oldest file that is not written any more. */
  get oldest(): number | undefined {
    return this.#older[0]?.ordinal;
  }

  /** Bytes in all files. */
  get bytes(): number {
    return this.#older.reduce((sum, { bytes }) => sum + bytes, this.#current?.file.bytes ?? 0);
  }

  /**
   * Appends bodies (each without a newline in it) and makes them durable.
   * @returns the ordinal of the file that holds them.
   * @throws what the disk says; then a part of them may be there.
   */
  async append(bodies: string[]): Promise<number> {
    const { file, handle } = await this.#writable();
    const bytes = Buffer.from(bodies.map(encodeChecked).join(''));
    try {
      await writeAll(handle, bytes, file.bytes);
      await handle.datasync();
    } catch (error) {
      await this.endFile(); // What follows must not be glued to a fragment.
      throw error;
    }
    file.bytes += bytes.length;
    return file.ordinal;
  }

  async #writable(): Promise<{ file: LogFile; handle: FileHandle }> {
    if (this.#current && this.#current.file.bytes < this.#fileBytes) return this.#current;
    await this.endFile();
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    this.#ordinal += 1;
    const handle = await open(pathIn(this.#folder, this.#ordinal), 'w', FILE_MODE);
    this.#current = { file: { ordinal: this.#ordinal, bytes: 0 }, handle };
    await syncFolder(this.#folder);
    return this.#current;
  }

  /** The next append begins a new file, so that all before can be removed. Also the end: nothing is open then. */
  async endFile(): Promise<void> {
    const current = this.#current;
    if (!current) return;
    this.#current = null;
    this.#older.push(current.file);
    await current.handle.close().catch(() => undefined);
  }

  /** Removes the oldest file that is not written any more. */
  async removeOldest(): Promise<void> {
    const oldest = this.#older[0];
    if (!oldest) return;
    await rm(pathIn(this.#folder, oldest.ordinal), { force: true });
    this.#older.shift();
  }

  /** Removes all files, and the folder where nothing else is in it. */
  async clear(): Promise<void> {
    await this.endFile();
    while (this.#older.length > 0) await this.removeOldest();
    await rmdir(this.#folder).catch(() => undefined);
  }
}

const pathIn = (folder: string, ordinal: number): string =>
  join(folder, `${String(ordinal).padStart(8, '0')}${SUFFIX}`);

function ordinalsIn(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // Not made yet.
  }
  return names
    .filter((name) => /^\d{8}\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}
