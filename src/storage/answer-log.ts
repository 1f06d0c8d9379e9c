// Kept answers, in one log: there may be tens of thousands of small ones, each is read only at a start, and the oldest
// go first. A file of the log goes when none of its answers is kept any more.
import type { Answer } from '../domain/answer.ts';
import type { Image } from '../domain/commit.ts';
import { JsonObject } from '../domain/fields.ts';
import { readLog, SegmentedLog } from './segmented-log.ts';

const FILE_BYTES = 4 * 1024 * 1024;
/** Lines are appended in portions of this size. */
const PORTION_BYTES = 1024 * 1024;
/** A log larger than twice what it keeps and this is compacted: the oldest files are written anew. */
const SPARE_BYTES = 16 * 1024 * 1024;

interface Kept {
  answer: Answer;
  /** The file that holds it; undefined while only the journal does. */
  ordinal: number | undefined;
  bytes: number;
}

export class AnswerLog {
  readonly #log: SegmentedLog;
  readonly #kept = new Map<string, Kept>();
  readonly #idsIn = new Map<number, Set<string>>();
  /** Put or dropped since the last save. */
  readonly #unsaved = new Set<string>();
  #keptBytes = 0;

  constructor(folder: string) {
    this.#log = new SegmentedLog(folder, FILE_BYTES);
  }

  /** Takes up an answer that an earlier process wrote into a file. */
  adopt(answer: Answer, ordinal: number): void {
    this.#set(answer, ordinal);
  }

  /** An answer is kept, or with a null record dropped, since the last commit. */
  note({ id, record }: Image): void {
    this.#forget(id);
    // The kind of the image says what its record is.
    if (record) this.#set(record as Answer, undefined);
    // A drop is always written: an older answer may be in a file, or on its way into one.
    this.#unsaved.add(id);
  }

  #set(answer: Answer, ordinal: number | undefined): void {
    this.#forget(answer.id);
    const bytes = (answer.text?.length ?? 0) + JSON.stringify({ ...answer, text: '' }).length;
    this.#kept.set(answer.id, { answer, ordinal, bytes });
    this.#keptBytes += bytes;
    if (ordinal !== undefined) this.#idsOf(ordinal).add(answer.id);
  }

  #forget(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    this.#keptBytes -= kept.bytes;
    if (kept.ordinal !== undefined) this.#idsIn.get(kept.ordinal)?.delete(id);
  }

  #idsOf(ordinal: number): Set<string> {
    const present = this.#idsIn.get(ordinal) ?? new Set();
    this.#idsIn.set(ordinal, present);
    return present;
  }

  /** Brings the files up to the last note, durably, and removes those that keep nothing. */
  async save(): Promise<void> {
    await this.#append([...this.#unsaved]);
    await this.#compact();
  }

  async #append(ids: string[]): Promise<void> {
    for (let start = 0; start < ids.length; ) {
      const portion: string[] = [];
      const lines: string[] = [];
      for (let bytes = 0; start < ids.length && bytes < PORTION_BYTES; start += 1) {
        const id = ids[start] ?? '';
        const line = JSON.stringify(this.#kept.get(id)?.answer ?? { dropped: id });
        portion.push(id);
        lines.push(line);
        bytes += line.length;
      }
      const written = portion.map((id) => this.#kept.get(id)?.answer);
      const ordinal = await this.#log.append(lines);
      for (const [index, id] of portion.entries()) this.#isSaved(id, written[index], ordinal);
    }
  }

  /** What changed while it was being written stays unsaved. */
  #isSaved(id: string, written: Answer | undefined, ordinal: number): void {
    const kept = this.#kept.get(id);
    if (kept?.answer !== written) return;
    this.#unsaved.delete(id);
    if (!kept) return;
    if (kept.ordinal !== undefined) this.#idsIn.get(kept.ordinal)?.delete(id);
    kept.ordinal = ordinal;
    this.#idsOf(ordinal).add(id);
  }

  /** Oldest first only: a file that says what was dropped must outlast those that hold it. */
  async #compact(): Promise<void> {
    for (let oldest = this.#log.oldest; oldest !== undefined; oldest = this.#log.oldest) {
      const ids = [...(this.#idsIn.get(oldest) ?? [])];
      const isTooLarge = this.#log.bytes > 2 * this.#keptBytes + SPARE_BYTES;
      if (ids.length > 0 && !isTooLarge) return;
      await this.#append(ids);
      if (this.#idsIn.get(oldest)?.size) return;
      await this.#log.removeOldest();
      this.#idsIn.delete(oldest);
    }
  }

  close(): Promise<void> {
    return this.#log.endFile();
  }
}

export interface LoadedAnswer {
  ordinal: number;
  content: JsonObject;
}

/** The answers that an earlier process left, by id, as their lines hold them. */
export function loadAnswers(folder: string): Map<string, LoadedAnswer> {
  const answers = new Map<string, LoadedAnswer>();
  for (const { ordinal, body } of readLog(folder)) {
    const content = objectIn(body);
    if (typeof content['dropped'] === 'string') answers.delete(content['dropped']);
    else if (typeof content['id'] === 'string') answers.set(content['id'], { ordinal, content });
  }
  return answers;
}

function objectIn(body: string): JsonObject {
  try {
    return JsonObject.parse(JSON.parse(body));
  } catch {
    return {}; // Written by a newer version.
  }
}
