// All supervisors by session id: finds them, wakes them, lets them retire when their session has ended.
import type { Commit } from '../domain/commit.ts';
import { MaestroError } from '../domain/errors.ts';
import { hasEnded } from '../domain/session.ts';
import type { Records } from '../records/records.ts';
import type { Turn } from '../records/turn.ts';
import { sessionNotFound } from './refusals.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';

export class Directory {
  readonly #records: Records;
  readonly #options: SupervisorOptions;
  readonly #supervisors = new Map<string, Supervisor>();
  readonly #stopListening: () => void;
  #closed: MaestroError | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#records = options.records;
    this.#stopListening = this.#records.onCommit((commit) => this.#retireEnded(commit));
  }

  /** The supervisor of a session. @throws SESSION_NOT_FOUND; STORAGE_UNAVAILABLE while the server stops. */
  find(id: string): Supervisor {
    if (this.#closed) throw this.#closed;
    const present = this.#supervisors.get(id);
    if (present) return present;
    if (!this.#records.newest('session', id)) throw sessionNotFound(id);
    return this.#add(id);
  }

  /** A session that this turn has just put comes alive. */
  enter(turn: Turn, id: string): Supervisor {
    turn.touch({ reset: () => this.#dropIfGone(id) });
    const supervisor = this.#add(id);
    supervisor.enter(turn);
    return supervisor;
  }

  /** After start: every session that has not ended comes alive, so that its deadlines and spawns go on. */
  wakeAll(): void {
    for (const session of this.#records.all('session'))
      if (!hasEnded(session.status)) this.find(session.id).wake();
  }

  /** How many supervisors there are; for `/health` and for tests that look for leaks. */
  get size(): number {
    return this.#supervisors.size;
  }

  /** Ends all actors and their effects; what waits in a mailbox is refused with 503. */
  close(): void {
    this.#closed = new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping');
    this.#stopListening();
    for (const supervisor of this.#supervisors.values()) supervisor.close(this.#closed);
    this.#supervisors.clear();
  }

  #add(id: string): Supervisor {
    const supervisor = new Supervisor(id, this.#options);
    this.#supervisors.set(id, supervisor);
    return supervisor;
  }

  #dropIfGone(id: string): void {
    if (!this.#records.newest('session', id)) this.#supervisors.delete(id);
  }

  /** Looked at after the commit's own command has left the mailbox. */
  #retireEnded({ images }: Commit): void {
    for (const { kind, id, record } of images) {
      if (kind !== 'session' || (record && 'hostname' in record && !hasEnded(record.status))) continue;
      setImmediate(() => this.#retire(id));
    }
  }

  #retire(id: string): void {
    const newest = this.#records.newest('session', id);
    if (newest && !hasEnded(newest.status)) return;
    if (this.#supervisors.get(id)?.retire()) this.#supervisors.delete(id);
  }
}
