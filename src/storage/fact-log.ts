// The log of facts: what the window of facts holds, on disk, for a start after a crash. Facts are durable with their
// commit in the journal; they are appended here, synced, before the journal lets go of that commit.
import { z } from 'zod';
import { Fact } from '../domain/facts.ts';
import { FactWindow, type HeldFact } from './fact-window.ts';
import { readLog, SegmentedLog } from './segmented-log.ts';
import { HELD_FACTS } from './storage.ts';

const FILE_FACTS = 2_000;
/** Of the JSON of changes in one file; beyond it facts are written without theirs. */
const FILE_CHANGES_BYTES = 800 * 1024;
/** Of all files; beyond it the oldest file goes, also where fewer than HELD_FACTS are left. */
const LOG_BYTES = 7 * 1024 * 1024;

const Line = z.object({ at: z.number(), fact: Fact, changes: z.string().nullable() });

export class FactLog {
  readonly window: FactWindow;
  readonly #log: SegmentedLog;
  /** How many facts are in each file, by its ordinal. */
  readonly #counts = new Map<number, number>();
  #savedSeq: number;
  #fileFacts = 0;
  #fileChangesBytes = 0;

  constructor(folder: string, { window, counts, savedSeq }: LoadedFacts) {
    this.#log = new SegmentedLog(folder, Number.POSITIVE_INFINITY);
    this.window = window;
    this.#counts = counts;
    this.#savedSeq = savedSeq;
  }

  /** Brings the files up to the newest fact, durably. */
  async save(): Promise<void> {
    const from = Math.max(this.#savedSeq, this.window.oldestSeq - 1);
    const unsaved = this.window.heldSince(from) ?? [];
    for (let start = 0; start < unsaved.length; ) {
      const batch = unsaved.slice(start, start + FILE_FACTS - this.#fileFacts);
      const ordinal = await this.#log.append(batch.map((held) => this.#lineOf(held)));
      this.#counts.set(ordinal, (this.#counts.get(ordinal) ?? 0) + batch.length);
      this.#fileFacts += batch.length;
      this.#savedSeq = batch.at(-1)?.fact.seq ?? this.#savedSeq;
      start += batch.length;
      if (this.#fileFacts >= FILE_FACTS) await this.#endFile();
      // Thousands of lines may wait: others get the loop in between.
      await new Promise(setImmediate);
    }
    await this.#trim();
  }

  #lineOf({ fact, at, changes }: HeldFact): string {
    const length = changes?.length ?? 0;
    const fits = this.#fileChangesBytes + length <= FILE_CHANGES_BYTES;
    if (fits) this.#fileChangesBytes += length;
    return JSON.stringify({ at, fact, changes: fits ? changes : null });
  }

  async #endFile(): Promise<void> {
    await this.#log.endFile();
    this.#fileFacts = 0;
    this.#fileChangesBytes = 0;
  }

  async #trim(): Promise<void> {
    for (let oldest = this.#log.oldest; oldest !== undefined; oldest = this.#log.oldest) {
      const rest = [...this.#counts].reduce(
        (sum, [ordinal, count]) => (ordinal === oldest ? sum : sum + count),
        0,
      );
      if (rest < HELD_FACTS && this.#log.bytes <= LOG_BYTES) return;
      await this.#log.removeOldest();
      this.#counts.delete(oldest);
    }
  }

  async close(): Promise<void> {
    await this.#log.endFile();
  }

  /** After a clean stop no client is promised a replay. */
  async clear(): Promise<void> {
    await this.#log.clear();
  }
}

export interface LoadedFacts {
  window: FactWindow;
  counts: Map<number, number>;
  /** The newest fact that is in the files. */
  savedSeq: number;
}

/** What an earlier process left; facts that are only in the journal are added by whoever reads that. */
export function loadFacts(folder: string): LoadedFacts {
  let window: FactWindow | null = null;
  const counts = new Map<number, number>();
  for (const { ordinal, body } of readLog(folder)) {
    const held = heldIn(body);
    if (!held) continue;
    counts.set(ordinal, (counts.get(ordinal) ?? 0) + 1);
    window ??= new FactWindow(held.fact.seq - 1);
    // A save that failed half way is repeated in the next file.
    if (held.fact.seq > window.lastSeq) window.add(held);
  }
  window ??= new FactWindow(0);
  return { window, counts, savedSeq: window.lastSeq };
}

function heldIn(body: string): HeldFact | null {
  try {
    return Line.parse(JSON.parse(body));
  } catch {
    return null; // Written by a newer version.
  }
}
