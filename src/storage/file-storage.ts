// The embedded storage: a journal first, the contract's files behind it, in one folder that this process holds. Beside the
// files follow two logs, of facts and of kept answers. The journal lets go of a commit when all three have it, synced.
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Commit, KeptFact } from '../domain/commit.ts';
import { asError, MaestroError } from '../domain/errors.ts';
import { keyOf, type Reference } from '../domain/records.ts';
import type { AnswerLog } from './answer-log.ts';
import { CommitText } from './commit-text.ts';
import { FactLog } from './fact-log.ts';
import type { FactWindow } from './fact-window.ts';
import { writeHead } from './head.ts';
import { Journal } from './journal.ts';
import { FolderLock } from './lock.ts';
import { makeFolder } from './make-folder.ts';
import { quarantineFolder } from './quarantine.ts';
import { RecordFiles } from './record-files.ts';
import { factFolder, journalFolder, recover, type Recovered } from './recovery.ts';
import { emptyRecords, type Loaded, type Storage, type StorageStatus } from './storage.ts';
import { syncFolder } from './sync.ts';
import { WriteBehind } from './write-behind.ts';

/** How far the files may fall behind the journal, and how long commits then wait for them. */
const BEHIND_BYTES = 64 * 1024 * 1024;
const BEHIND_WAIT_MS = 5_000;
const BEHIND_POLL_MS = 20;
/** How often is looked whether segments can be let go. */
const CHECKPOINT_MS = 500;
const CLOSE_LIMIT_MS = 4_000;
/** Records that cannot be written may hold back so much of the journal; then they are put into it whole. */
const HELD_BACK_BYTES = 16 * 1024 * 1024;
/** A guess at the text of a change or fact, for commits whose text is made later. */
const CHANGE_BYTES = 300;
/** Paths and reasons that the status shows. */
const SHOWN_FILES = 20;

export interface FileStorageOptions {
  /** DATA_DIR, absolute. */
  folder: string;
  /** Problems of a running storage, as sentences for the log. */
  onProblem: (problem: string) => void;
  /** These records cannot be written and hold the journal back: to be put into it whole (Records.restate). */
  onHeldBack?: (references: Reference[]) => void;
}

interface Opened {
  journal: Journal;
  factLog: FactLog;
  facts: FactWindow;
  answers: AnswerLog;
  loaded: Recovered;
}

export class FileStorage implements Storage {
  readonly #options: FileStorageOptions;
  readonly #lock: FolderLock;
  readonly #files: RecordFiles;
  readonly #writeBehind: WriteBehind;
  #opened: Opened | null = null;
  #durable = { number: 0, seq: 0 };
  #checkpointed = 0;
  #timer: NodeJS.Timeout | null = null;
  #checkpointing: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  /** Journal bytes at which held back records were put into it last. */
  #restatedAt = 0;
  /** The records that were loaded are held no longer than until the first commit. */
  #isRead = false;

  constructor(options: FileStorageOptions) {
    this.#options = options;
    this.#lock = new FolderLock(options.folder);
    this.#files = new RecordFiles(options.folder);
    const monotonic = () => performance.now();
    this.#writeBehind = new WriteBehind({ files: this.#files, monotonic, onProblem: options.onProblem });
  }

  async open(): Promise<void> {
    const { folder, onProblem } = this.#options;
    const made = makeFolder(folder);
    await this.#lock.take();
    try {
      const loaded = recover(folder, this.#files);
      this.#checkpointed = loaded.head.filesThrough;
      const journal = new Journal({
        folder: journalFolder(folder),
        segments: loaded.segments,
        durable: loaded.lastCommit,
        filesThrough: () => this.#checkpointed,
        room: () => this.#room(),
        onProblem,
      });
      await syncFolder(folder);
      if (made) await syncParents(folder, made);
      await journal.open();
      const factLog = new FactLog(factFolder(folder), { ...loaded.factLog, window: loaded.facts });
      this.#opened = { journal, factLog, facts: loaded.facts, answers: loaded.answers, loaded };
      this.#durable = { number: loaded.lastCommit, seq: loaded.lastSeq };
      this.#follow(loaded.behind.splice(0), loaded.answers, loaded.head.filesThrough + 1, 0, () => false);
    } catch (error) {
      await this.#lock.release();
      throw error;
    }
    this.#timer = setInterval(() => this.#checkpointSoon(), CHECKPOINT_MS);
    this.#timer.unref();
  }

  load(): Loaded {
    const { records, lastCommit, lastSeq, problems, unread, setAside } = this.#open.loaded;
    return { records, lastCommit, lastSeq, problems, unread, setAside };
  }

  async commit(commit: Commit): Promise<void> {
    const { journal, facts, answers, loaded } = this.#open;
    if (!this.#isRead) loaded.records = emptyRecords();
    this.#isRead = true;
    const { number, at, changes, images } = commit;
    const text = new CommitText(commit);
    const bytes = text.ready ? CHANGE_BYTES * (changes.length + commit.facts.length) : text.text.length;
    const whole = new Set(changes.flatMap(({ op, kind, id }) => (op === 'put' ? [keyOf(kind, id)] : [])));
    const told = [...commit.facts];
    await journal.append(number, text, bytes);
    for (const fact of told) facts.add({ fact, at, changes: text.changesOf(fact) });
    this.#durable = { number, seq: Math.max(this.#durable.seq, told.at(-1)?.seq ?? 0) };
    this.#follow(images, answers, number, journal.bytes, ({ kind, id }) => whole.has(keyOf(kind, id)));
  }

  /** Hands what a commit made of records to whatever writes them behind the journal. */
  #follow(
    images: Commit['images'],
    answers: AnswerLog,
    number: number,
    position: number,
    isWhole: (image: Commit['images'][number]) => boolean,
  ): void {
    const noted = [];
    for (const image of images)
      if (image.kind === 'answer') answers.note(image);
      else noted.push({ image, isWhole: image.record === null || isWhole(image) });
    this.#writeBehind.note(noted, number, position);
  }

  refusal(): MaestroError | null {
    return this.#opened ? this.#opened.journal.refusal() : stopping();
  }

  since(seq: number, exact = false): KeptFact[] | undefined {
    return this.#open.facts.since(seq, exact);
  }

  flush(references: Reference[]): Promise<void> {
    return this.#opened ? this.#writeBehind.flush(references) : Promise.reject(stopping());
  }

  status(): StorageStatus {
    const refusal = this.refusal();
    const unwritten = this.#writeBehind.unwritten();
    const setAside = this.#opened?.loaded.setAside ?? [];
    return {
      state: refusal ? 'refusing' : 'ok',
      ...(refusal && { reason: refusal.message }),
      behindBytes: this.#opened ? this.#writeBehind.behindBytes : 0,
      unwritten: { count: unwritten.length, records: unwritten.slice(0, SHOWN_FILES) },
      setAside: {
        count: setAside.length,
        folder: quarantineFolder(this.#options.folder),
        records: setAside.slice(0, SHOWN_FILES).map(({ path, reason }) => ({ path, reason })),
      },
    };
  }

  async close(limitMs = CLOSE_LIMIT_MS): Promise<void> {
    if (this.#opened) {
      const opened = this.#opened;
      this.#opened = null;
      if (this.#timer) clearInterval(this.#timer);
      this.#closing = this.#leave(opened, limitMs);
    }
    await this.#closing;
  }

  async #leave(opened: Opened, limitMs: number): Promise<void> {
    const { journal } = opened;
    await journal.settled();
    const limit = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), limitMs).unref());
    const problem = (error: unknown) => this.#options.onProblem(`while stopping: ${asError(error).message}`);
    const isInPlace = await journal.isInPlace();
    if (!isInPlace)
      problem(
        new Error(`${this.#options.folder} was moved or removed; nothing is written to what is there now`),
      );
    else await Promise.race([this.#writeBehind.flushAll().catch(problem), limit]);
    const everything = isInPlace && this.#writeBehind.isDone;
    // A write that hangs may still replace a file: then the lock ends with this process and not before.
    const ended = await Promise.race([this.#writeBehind.stop(), limit]);
    await this.#checkpointing;
    const saved = isInPlace && (await this.#checkpoint(opened).then(isTrue, isFalse(problem)));
    if (everything && saved) await opened.factLog.clear().catch(problem);
    await opened.factLog.close();
    await opened.answers.close();
    await journal.close(everything && saved);
    if (ended !== 'late') await this.#lock.release();
  }

  get #open() {
    if (!this.#opened) throw stopping();
    return this.#opened;
  }

  /** Null while there is room, so that an ordinary commit does not wait at all. */
  #room(): Promise<void> | null {
    return this.#writeBehind.pendingBytes <= BEHIND_BYTES ? null : this.#waitForFiles();
  }

  async #waitForFiles(): Promise<void> {
    for (let waited = 0; waited < BEHIND_WAIT_MS; waited += BEHIND_POLL_MS) {
      if (this.#writeBehind.pendingBytes <= BEHIND_BYTES) return;
      await new Promise((resolve) => setTimeout(resolve, BEHIND_POLL_MS));
    }
    throw new MaestroError('OVERLOADED', 'the files cannot keep up with the changes; try again in a moment');
  }

  #checkpointSoon(): void {
    const opened = this.#open;
    this.#restateHeldBack(opened.journal);
    const filesThrough = this.#filesThrough();
    // While requests come, syncs are paid only where that lets a segment go.
    const worthwhile = this.#writeBehind.idle || opened.journal.canRelease(filesThrough);
    if (!worthwhile || filesThrough <= this.#checkpointed || this.#checkpointing) return;
    this.#checkpointing = this.#checkpoint(opened)
      .catch((error: unknown) =>
        this.#options.onProblem(`the files could not be synced: ${asError(error).message}`),
      )
      .finally(() => (this.#checkpointing = null));
  }

  /** Not again before the journal has grown by as much: what was put into it last counts, too. */
  #restateHeldBack({ bytes }: Journal): void {
    if (bytes - this.#restatedAt < HELD_BACK_BYTES) return;
    const references = this.#writeBehind.heldBack(HELD_BACK_BYTES);
    if (references.length === 0) return;
    this.#restatedAt = bytes;
    this.#options.onHeldBack?.(references);
  }

  #filesThrough(): number {
    const oldest = this.#writeBehind.oldest();
    return oldest === undefined ? this.#durable.number : oldest - 1;
  }

  /** Pays the owed syncs, saves facts and answers, notes how far the files are, and lets older segments go. */
  async #checkpoint({ journal, factLog, answers, loaded }: Opened): Promise<void> {
    const filesThrough = this.#filesThrough();
    const { number, seq } = this.#durable;
    await this.#writeBehind.sync();
    this.#files.checkPlace();
    await factLog.save();
    await answers.save();
    for (const path of loaded.oldAnswers.splice(0)) await rm(path, { force: true });
    await writeHead(this.#files.writer, this.#options.folder, { commit: number, seq, filesThrough });
    this.#checkpointed = filesThrough;
    await journal.release(filesThrough);
  }
}

/** Folders that were made just now must last as long as what will be acknowledged in them. */
async function syncParents(folder: string, firstMade: string): Promise<void> {
  for (let each = folder; each.length >= firstMade.length; each = dirname(each))
    await syncFolder(dirname(each)).catch(() => undefined); // It may be written by us and not read.
}

const stopping = () => new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping');

const isTrue = (): boolean => true;

const isFalse =
  (report: (error: unknown) => void) =>
  (error: unknown): boolean => {
    report(error);
    return false;
  };
