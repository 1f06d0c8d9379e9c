// The embedded storage: a journal first, the contract's files behind it, in one folder that this process holds.
import { dirname } from 'node:path';
import type { Commit, KeptFact } from '../domain/commit.ts';
import { asError, MaestroError } from '../domain/errors.ts';
import type { Reference } from '../domain/records.ts';
import type { FactWindow } from './fact-window.ts';
import { FileFollower } from './file-follower.ts';
import { writeHead } from './head.ts';
import { Journal } from './journal.ts';
import { serialise } from './journal-line.ts';
import { FolderLock } from './lock.ts';
import { makeFolder } from './make-folder.ts';
import { RecordFiles } from './record-files.ts';
import { journalFolder, recover, type Recovered } from './recovery.ts';
import type { Loaded, Storage, StorageStatus } from './storage.ts';
import { syncFolder } from './sync.ts';

/** How far the files may fall behind the journal, and how long commits then wait for them. */
const BEHIND_BYTES = 64 * 1024 * 1024;
const BEHIND_WAIT_MS = 5_000;
const BEHIND_POLL_MS = 20;
/** How often is looked whether segments can be let go. */
const CHECKPOINT_MS = 500;
const CLOSE_LIMIT_MS = 4_000;

export interface FileStorageOptions {
  /** DATA_DIR, absolute. */
  folder: string;
  /** Problems of a running storage, as sentences for the log. */
  onProblem: (problem: string) => void;
}

export class FileStorage implements Storage {
  readonly #options: FileStorageOptions;
  readonly #lock: FolderLock;
  readonly #files: RecordFiles;
  readonly #follower: FileFollower;
  #opened: { journal: Journal; facts: FactWindow; loaded: Recovered } | null = null;
  #durable = { number: 0, seq: 0 };
  #checkpointed = 0;
  #timer: NodeJS.Timeout | null = null;
  #checkpointing: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: FileStorageOptions) {
    this.#options = options;
    this.#lock = new FolderLock(options.folder);
    this.#files = new RecordFiles(options.folder);
    const monotonic = () => performance.now();
    this.#follower = new FileFollower({ files: this.#files, monotonic, onProblem: options.onProblem });
  }

  async open(): Promise<void> {
    const made = makeFolder(this.#options.folder);
    await this.#lock.take();
    try {
      const loaded = recover(this.#options.folder, this.#files);
      const journal = new Journal({
        folder: journalFolder(this.#options.folder),
        segments: loaded.segments,
        durable: loaded.lastCommit,
        room: () => this.#room(),
        onProblem: this.#options.onProblem,
      });
      await syncFolder(this.#options.folder);
      if (made) await syncParents(this.#options.folder, made);
      await journal.open();
      this.#opened = { journal, facts: loaded.facts, loaded };
      this.#durable = { number: loaded.lastCommit, seq: loaded.lastSeq };
      this.#checkpointed = loaded.head.filesThrough;
      this.#follower.note(loaded.behind, loaded.head.filesThrough + 1, 0);
    } catch (error) {
      await this.#lock.release();
      throw error;
    }
    this.#timer = setInterval(() => this.#checkpointSoon(), CHECKPOINT_MS);
    this.#timer.unref();
  }

  load(): Loaded {
    const { records, lastCommit, lastSeq, problems } = this.#open.loaded;
    return { records, lastCommit, lastSeq, problems };
  }

  async commit(commit: Commit): Promise<void> {
    const { journal, facts } = this.#open;
    const lastSeq = commit.facts.at(-1)?.seq ?? 0;
    const text = serialise(commit);
    await journal.append(commit.number, lastSeq, text);
    facts.add(commit, text.length);
    this.#durable = { number: commit.number, seq: Math.max(this.#durable.seq, lastSeq) };
    this.#follower.note(commit.images, commit.number, journal.bytes);
  }

  refusal(): MaestroError | null {
    return this.#opened ? this.#opened.journal.refusal() : stopping();
  }

  since(seq: number): KeptFact[] | undefined {
    return this.#open.facts.since(seq);
  }

  flush(references: Reference[]): Promise<void> {
    return this.#opened ? this.#follower.flush(references) : Promise.reject(stopping());
  }

  status(): StorageStatus {
    const refusal = this.refusal();
    const behindBytes = this.#behindBytes();
    if (refusal) return { state: 'refusing', reason: refusal.message, behindBytes };
    return { state: 'ok', behindBytes };
  }

  async close(limitMs = CLOSE_LIMIT_MS): Promise<void> {
    if (this.#opened) {
      const { journal } = this.#opened;
      this.#opened = null;
      if (this.#timer) clearInterval(this.#timer);
      this.#closing = this.#leave(journal, limitMs).finally(() => this.#lock.release());
    }
    await this.#closing;
  }

  async #leave(journal: Journal, limitMs: number): Promise<void> {
    await journal.settled();
    const problem = (error: unknown) => this.#options.onProblem(`while stopping: ${asError(error).message}`);
    if (!(await journal.isInPlace())) {
      problem(
        new Error(`${this.#options.folder} was moved or removed; nothing is written to what is there now`),
      );
      this.#follower.stop();
      return journal.close(false);
    }
    const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
    await Promise.race([this.#follower.flushAll().catch(problem), limit]);
    const everything = this.#follower.idle;
    this.#follower.stop();
    await this.#checkpointing;
    const synced = await this.#checkpoint(journal, 0).then(
      () => true,
      (error: unknown) => {
        problem(error);
        return false;
      },
    );
    await journal.close(everything && synced);
  }

  get #open() {
    if (!this.#opened) throw stopping();
    return this.#opened;
  }

  #behindBytes(): number {
    const oldest = this.#follower.oldest();
    return oldest && this.#opened ? this.#opened.journal.bytes - oldest.position : 0;
  }

  /** Null while there is room, so that an ordinary commit does not wait at all. */
  #room(): Promise<void> | null {
    return this.#behindBytes() <= BEHIND_BYTES ? null : this.#waitForFiles();
  }

  async #waitForFiles(): Promise<void> {
    for (let waited = 0; waited < BEHIND_WAIT_MS; waited += BEHIND_POLL_MS) {
      if (this.#behindBytes() <= BEHIND_BYTES) return;
      await new Promise((resolve) => setTimeout(resolve, BEHIND_POLL_MS));
    }
    throw new MaestroError('OVERLOADED', 'the files cannot keep up with the changes; try again in a moment');
  }

  #checkpointSoon(): void {
    const { journal, facts } = this.#open;
    const filesThrough = this.#filesThrough();
    const oldestSeq = facts.oldestSeq();
    // While requests come, syncs are paid only where that lets a segment go.
    const worthwhile = this.#follower.idle || journal.canRelease(filesThrough, oldestSeq);
    if (!worthwhile || filesThrough <= this.#checkpointed || this.#checkpointing) return;
    this.#checkpointing = this.#checkpoint(journal, oldestSeq)
      .catch((error: unknown) =>
        this.#options.onProblem(`the files could not be synced: ${asError(error).message}`),
      )
      .finally(() => (this.#checkpointing = null));
  }

  #filesThrough(): number {
    const oldest = this.#follower.oldest();
    return oldest ? oldest.since - 1 : this.#durable.number;
  }

  /** Pays the owed syncs, notes how far the files are, and lets older segments go. */
  async #checkpoint(journal: Journal, oldestSeq: number): Promise<void> {
    const filesThrough = this.#filesThrough();
    const { number, seq } = this.#durable;
    await this.#follower.sync();
    this.#files.checkPlace();
    await writeHead(this.#options.folder, { commit: number, seq, filesThrough });
    this.#checkpointed = filesThrough;
    await journal.release(filesThrough, oldestSeq);
  }
}

/** Folders that were made just now must last as long as what will be acknowledged in them. */
async function syncParents(folder: string, firstMade: string): Promise<void> {
  for (let each = folder; each.length >= firstMade.length; each = dirname(each))
    await syncFolder(dirname(each)).catch(() => undefined); // It may be written by us and not read.
}

const stopping = () => new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping');
