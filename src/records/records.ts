// All records, in two layers: committed ones, which clients see, and those in flight, on which turns are judged.
// R1. Nobody hears of a change before it is durable: neither the caller of turn() nor a listener.
// R2. Listeners hear of commits in the order in which they became true.
// R3. When a commit is lost, all behind it are, and both layers agree again before the next turn.
import type { Clock } from '../domain/clock.ts';
import type { Change, Commit, Image, KeptFact } from '../domain/commit.ts';
import { asError, type MaestroError } from '../domain/errors.ts';
import type { NewId } from '../domain/ids.ts';
import {
  idOf,
  keyOf,
  projectOf,
  type RecordKind,
  type RecordTypes,
  type Reference,
} from '../domain/records.ts';
import type { Loaded, Storage, StorageStatus } from '../storage/storage.ts';
import { changesOf } from './changes.ts';
import { getFrom, newTables, setIn, type Tables } from './table.ts';
import { Turn, type Participant } from './turn.ts';

/** Runs at the end of a turn, in it: keeps the answer to a request beside what the request did. */
export type Keep<T> = (turn: Turn, value: T) => void;

interface InFlight {
  commit: Commit;
  participants: Set<Participant>;
  durable: Promise<void>;
}

interface Waiting {
  holds: () => boolean;
  resolve: () => void;
}

export interface RecordsOptions {
  storage: Storage;
  clock: Clock;
  newId: NewId;
  /** A listener threw: the commit stands, and the other listeners hear of it all the same. */
  onFault?: (fault: Error) => void;
}

export class Records {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #onFault: (fault: Error) => void;
  readonly #committed: Tables = newTables();
  readonly #current: Tables = newTables();
  readonly #inFlight = new Set<InFlight>();
  readonly #listeners = new Set<(commit: Commit) => void>();
  readonly #waiting = new Map<string, Set<Waiting>>();
  #last: Promise<void> = Promise.resolve();
  #number: number;
  #seq: number;
  #durable: { number: number; seq: number };

  constructor(
    options: RecordsOptions,
    { records, lastCommit, lastSeq }: Omit<Loaded, 'setAside' | 'unread'>,
  ) {
    this.#storage = options.storage;
    this.#clock = options.clock;
    this.#newId = options.newId;
    this.#onFault = options.onFault ?? (() => undefined);
    this.#number = lastCommit;
    this.#seq = lastSeq;
    this.#durable = { number: lastCommit, seq: lastSeq };
    for (const kind of Object.keys(records) as RecordKind[]) this.#fill(kind, records[kind]);
  }

  /** The committed record; what clients see. */
  get<K extends RecordKind>(kind: K, id: string): RecordTypes[K] | undefined {
    return getFrom(this.#committed, kind, id);
  }

  /** All committed records of a kind, oldest first. */
  all<K extends RecordKind>(kind: K): RecordTypes[K][] {
    return [...this.#committed[kind].values()] as RecordTypes[K][];
  }

  /** The committed records under an index key of table.ts. */
  listed<K extends RecordKind>(kind: K, key: string): RecordTypes[K][] {
    return this.#committed[kind].listed(key);
  }

  count(kind: RecordKind): number {
    return this.#committed[kind].size;
  }

  /** The newest value of a record, in flight included; for what must follow turns and not clients. */
  newest<K extends RecordKind>(kind: K, id: string): RecordTypes[K] | undefined {
    return getFrom(this.#current, kind, id);
  }

  /** The number of the last fact that was told. */
  get seq(): number {
    return this.#durable.seq;
  }

  /**
   * Runs a turn and makes it durable. A refusal (a throw of `work`) also waits until what it was judged on is durable.
   * @param work synchronous; must not keep the turn.
   * @throws what `work` throws; MaestroError STORAGE_UNAVAILABLE or OVERLOADED, then nothing has changed.
   */
  async turn<T>(work: (turn: Turn) => T, keep?: Keep<T>): Promise<T> {
    // Before the work: a turn that is taken back makes its actors anew, and with them their effects.
    const refusal = this.#storage.refusal();
    if (refusal) throw refusal;
    const turn = new Turn(this.#current, this.#clock.now(), this.#newId);
    let value: T;
    let commit: Commit | null;
    try {
      value = work(turn);
      keep?.(turn, value);
      commit = turn.close(this.#number + 1, this.#seq);
    } catch (error) {
      turn.undo();
      for (const participant of turn.participants) participant.reset();
      await this.settled();
      throw error;
    }
    if (!commit) await this.settled();
    else await this.#commit(commit, turn.participants);
    return value;
  }

  /**
   * Commits the newest values of these records whole, though they have not changed: their files cannot be written, and
   * the journal need not keep what it held of them before.
   */
  async restate(references: Reference[]): Promise<void> {
    const changes: Change[] = [];
    const images: Image[] = [];
    for (const { kind, id } of references) {
      const record = this.newest(kind, id);
      if (!record) continue;
      changes.push(...changesOf(kind, id, undefined, record));
      images.push({ kind, id, record, projectId: projectOf(kind, record) });
    }
    if (images.length === 0 || this.#storage.refusal()) return;
    const commit = { number: this.#number + 1, at: this.#clock.now(), changes, facts: [], images };
    await this.#commit(commit, new Set());
  }

  /** Resolves when all commits so far are durable; rejects when they were lost. */
  settled(): Promise<void> {
    return this.#last;
  }

  /**
   * Resolves when `holds` is true of a committed record, at once or after one of its commits.
   * Rejects with `signal.reason` when that comes first.
   */
  async until(reference: Reference, holds: () => boolean, signal: AbortSignal): Promise<void> {
    if (holds()) return;
    signal.throwIfAborted();
    const key = keyOf(reference.kind, reference.id);
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting);
    let undo = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const entry: Waiting = { holds, resolve };
        const abort = (): void => reject(asError(signal.reason));
        waiting.add(entry);
        signal.addEventListener('abort', abort, { once: true });
        undo = () => {
          waiting.delete(entry);
          signal.removeEventListener('abort', abort);
          if (waiting.size === 0) this.#waiting.delete(key);
        };
      });
    } finally {
      undo();
    }
  }

  /** Listens to durable commits. @returns the undo. */
  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  since(seq: number, exact = false): KeptFact[] | undefined {
    return this.#storage.since(seq, exact);
  }

  /** Brings the files of these records up to date on disk. */
  flush(references: Reference[]): Promise<void> {
    return this.#storage.flush(references);
  }

  status(): StorageStatus {
    return this.#storage.status();
  }

  refusal(): MaestroError | null {
    return this.#storage.refusal();
  }

  #fill<K extends RecordKind>(kind: K, records: RecordTypes[K][]): void {
    const byAge = [...records].sort((a, b) => ageOf(a) - ageOf(b) || (idOf(a) < idOf(b) ? -1 : 1));
    for (const record of byAge) {
      setIn(this.#committed, kind, idOf(record), record);
      setIn(this.#current, kind, idOf(record), record);
    }
  }

  async #commit(commit: Commit, participants: Set<Participant>): Promise<void> {
    this.#number = commit.number;
    this.#seq += commit.facts.length;
    const flight: InFlight = { commit, participants, durable: Promise.resolve() };
    this.#inFlight.add(flight);
    flight.durable = this.#storage.commit(commit).then(
      () => this.#publish(flight),
      (error: unknown) => {
        if (this.#inFlight.has(flight)) this.#lose(flight);
        throw error;
      },
    );
    this.#last = flight.durable;
    // settled() may never be asked for: a lost commit is reported to its own caller.
    flight.durable.catch(() => undefined);
    await flight.durable;
  }

  #publish(flight: InFlight): void {
    const { commit } = flight;
    this.#inFlight.delete(flight);
    this.#durable = { number: commit.number, seq: this.#durable.seq + commit.facts.length };
    for (const { kind, id, record } of commit.images) setIn(this.#committed, kind, id, record ?? undefined);
    for (const listener of this.#listeners) this.#safely(() => listener(commit));
    for (const { kind, id } of commit.images)
      for (const waiting of this.#waiting.get(keyOf(kind, id)) ?? [])
        this.#safely(() => {
          if (waiting.holds()) waiting.resolve();
        });
  }

  /** The commit is durable: what somebody else makes of it cannot turn it into a failure. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#onFault(asError(error));
    }
  }

  /** R3. The first of the lost commits takes back all behind it; those find themselves gone already. */
  #lose(first: InFlight): void {
    const flights = [...this.#inFlight];
    const ahead = flights.slice(0, flights.indexOf(first));
    const lost = flights.slice(ahead.length);
    for (const flight of lost) this.#inFlight.delete(flight);
    for (const { kind, id } of lost.flatMap(({ commit }) => commit.images))
      setIn(this.#current, kind, id, getFrom(this.#committed, kind, id));
    for (const { kind, id, record } of ahead.flatMap(({ commit }) => commit.images))
      setIn(this.#current, kind, id, record ?? undefined);
    this.#number = this.#durable.number + ahead.length;
    this.#seq = this.#durable.seq + ahead.reduce((sum, { commit }) => sum + commit.facts.length, 0);
    this.#last = ahead.at(-1)?.durable ?? Promise.resolve();
    const participants = new Set(lost.flatMap((flight) => [...flight.participants]));
    for (const participant of participants) participant.reset();
  }
}

const ageOf = (record: RecordTypes[RecordKind]): number =>
  'startedAt' in record && 'hostname' in record ? record.startedAt : record.createdAt;
