// All supervisors by session id: finds them, wakes them, lets them retire when their session has ended.
// D1. There is never more than one supervisor for a session: one that is busy stays, also for a session that is made
//     again under the id of one that went.
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
  #closed: MaestroError | null = null;

  constructor(options: Omit<SupervisorOptions, 'onRest'>) {
    this.#options = { ...options, onRest: (id) => this.#retireSoon(id) };
    this.#records = options.records;
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
    if (this.#closed) throw this.#closed;
    const supervisor = this.#supervisors.get(id) ?? this.#add(id);
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
    for (const supervisor of this.#supervisors.values()) supervisor.close(this.#closed);
    this.#supervisors.clear();
  }

  #add(id: string): Supervisor {
    const supervisor = new Supervisor(id, this.#options);
    this.#supervisors.set(id, supervisor);
    this.#retireSoon(id);
    return supervisor;
  }

  /** Looked at again when the command has left the mailbox. */
  #retireSoon(id: string): void {
    if (this.#isOver(id)) setImmediate(() => this.#retire(id));
  }

  #retire(id: string): void {
    if (this.#isOver(id) && this.#supervisors.get(id)?.retire()) this.#supervisors.delete(id);
  }

  /** Whether the session has ended or is gone, for good: a commit in flight could still be lost. */
  #isOver(id: string): boolean {
    const newest = this.#records.newest('session', id);
    const committed = this.#records.get('session', id);
    return [newest, committed].every((session) => !session || hasEnded(session.status));
  }
}
