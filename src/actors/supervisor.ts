// Owns one session: its mailbox, its session actor, its queue actor. XState has no restart strategy: here an actor
// that threw is made anew from its committed record, with a limit, past which the session is marked failed.
// S1. One door: whatever changes this session comes through tell(), or through the turn of another's tell().
// S2. Actors follow the newest record; a turn or commit that is lost makes them anew.
import { pathOf } from '../domain/chart.ts';
import type { QueueCommand, SessionCommand } from '../domain/commands.ts';
import type { MaestroError } from '../domain/errors.ts';
import type { Queue, QueueItem } from '../domain/queue.ts';
import { hasEnded, type Session, type SessionStatus, type SpawnPhase } from '../domain/session.ts';
import type { TimelineNote } from '../domain/timeline.ts';
import { fieldsOfQueue } from '../machines/queue.context.ts';
import type { queueMachine } from '../machines/queue.machine.ts';
import { fieldsOf, type SessionEmitted, type SessionPlace } from '../machines/session.context.ts';
import type { sessionMachine } from '../machines/session.machine.ts';
import type { Keep, Records } from '../records/records.ts';
import type { Participant, Turn } from '../records/turn.ts';
import { announce, reveal, type ServerFacts } from './announcement.ts';
import type { Inspection } from './inspection.ts';
import { ActorFault, Live } from './live.ts';
import { Mailbox } from './mailbox.ts';
import { refusal, sessionNotFound } from './refusals.ts';
import { hasRoomForNotes } from './session-bounds.ts';

/** An actor may fail this often within the window; then its session is failed. */
const RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;

export interface Machines {
  session: typeof sessionMachine;
  queue: typeof queueMachine;
}

export interface SupervisorOptions {
  records: Records;
  /** With their effects provided, once for all supervisors. */
  machines: Machines;
  facts: ServerFacts;
  /** In the turn in which the session ends: its item in work cannot go on. */
  onEnd: (turn: Turn, session: Supervisor, reason: string) => void;
  onFault: (sessionId: string, fault: Error) => void;
  /** Nothing of this session is under way: it may retire if it has ended. */
  onRest: (sessionId: string) => void;
  /** With MAESTRO_INSPECT: shows the actors to developers' tools. */
  inspection?: Inspection | null;
}

export class Supervisor implements Participant {
  readonly id: string;
  readonly #options: SupervisorOptions;
  readonly #mailbox = new Mailbox();
  #session: Live<typeof sessionMachine> | null = null;
  #queue: Live<typeof queueMachine> | null = null;
  #faults: number[] = [];
  #closed = false;

  constructor(id: string, options: SupervisorOptions) {
    this.id = id;
    this.#options = options;
  }

  /**
   * The door: runs `work` as one turn, after all that was told before, and resolves when its commit is durable.
   * @throws what `work` throws; OVERLOADED; STORAGE_UNAVAILABLE; SESSION_NOT_FOUND when the session went meanwhile.
   */
  async tell<T>(work: (turn: Turn, session: this) => T, keep?: Keep<T>): Promise<T> {
    try {
      return await this.#mailbox.add(() => this.#run(work, keep));
    } finally {
      this.#options.onRest(this.id);
    }
  }

  /** The session as the turn sees it. @throws SESSION_NOT_FOUND. */
  record(turn: Turn): Session {
    const session = turn.find('session', this.id);
    if (!session) throw sessionNotFound(this.id);
    return session;
  }

  can(command: SessionCommand): boolean {
    return this.#awake().can(command);
  }

  canMoveQueue(command: QueueCommand): boolean {
    return this.#awakeQueue()?.can(command) ?? false;
  }

  /**
   * Sends a command to the session's machine, and writes what follows from it: the record, notes on the timeline,
   * the queue's item that cannot go on when the session ends, the announcement of a spawn.
   * @throws BUSINESS_RULE_ERROR when the machine does not allow it; then nothing has happened.
   */
  move(turn: Turn, command: SessionCommand): void {
    const session = this.record(turn);
    const live = this.#awake();
    if (!live.can(command)) throw refusal(session, command, (other) => live.can(other));
    turn.touch(this);
    const from = pathOf(live.snapshot.value);
    const told = live.send(command);
    const to = pathOf(live.snapshot.value);
    const place = placeOf(live.snapshot.value);
    const fields = { ...fieldsOf(live.snapshot.context, place), lastActivity: turn.at };
    const moves =
      from === to ? session.moves : session.moves.append([{ at: turn.at, event: command.type, from, to }]);
    const moved = withNotes(turn, { ...session, ...fields, moves }, told);
    if (command.type === 'manifest.made' && told.some(({ type }) => type === 'announce'))
      announce(turn, moved, command.manifest, this.#options.facts);
    else if (session.phase === 'generatingManifest' && place.phase !== session.phase && !session.announced)
      reveal(turn, moved);
    else turn.put('session', moved);
    if (hasEnded(place.status) && !hasEnded(session.status))
      this.#options.onEnd(turn, this, `The session ended (${place.status}) while this task was in work`);
  }

  /** Moves the queue. @returns the items that were moved; none when the command changed nothing, or there is no queue. */
  moveQueue(turn: Turn, command: QueueCommand): readonly QueueItem[] {
    const live = this.#awakeQueue();
    const queue = turn.find('queue', this.id);
    if (!live || !queue) return [];
    turn.touch(this);
    const [moved] = live.send(command);
    if (!moved) return [];
    turn.put('queue', { ...queue, ...fieldsOfQueue(live.snapshot.context), updatedAt: turn.at });
    return moved.items;
  }

  /** A session that this turn has just made comes alive; should the turn be lost, it does not. */
  enter(turn: Turn): void {
    turn.touch(this);
    this.wake();
  }

  /** This turn deletes the session: its actors end now, and live on should the turn be lost. */
  leave(turn: Turn): void {
    turn.touch(this);
    this.#sleep();
  }

  /** Starts the actors from the newest records, if they are not alive. */
  wake(): void {
    this.#awake();
    this.#awakeQueue();
  }

  /** S2. Called with all records back to what they were. */
  reset(): void {
    this.#sleep();
    const session = this.#options.records.newest('session', this.id);
    if (session && !hasEnded(session.status) && !this.#closed) this.wake();
    else this.#options.onRest(this.id);
  }

  /** Ends the actors when nothing is under way; the next command wakes them. @returns whether it did. */
  retire(): boolean {
    if (!this.#mailbox.idle) return false;
    this.#sleep();
    return true;
  }

  /** Ends the actors, and refuses what waits. */
  close(reason: MaestroError): void {
    this.#closed = true;
    this.#mailbox.close(reason);
    this.#sleep();
  }

  get isAwake(): boolean {
    return this.#session !== null;
  }

  async #run<T>(work: (turn: Turn, session: this) => T, keep?: Keep<T>): Promise<T> {
    try {
      return await this.#options.records.turn((turn) => work(turn, this), keep);
    } catch (error) {
      if (error instanceof ActorFault) await this.#afterFault(error);
      throw error;
    }
  }

  #awake(): Live<typeof sessionMachine> {
    if (this.#session) return this.#session;
    const session = this.#options.records.newest('session', this.id);
    if (!session) throw sessionNotFound(this.id);
    this.#session = new Live(
      this.#options.machines.session,
      { session },
      this.#options.inspection?.of(`session ${this.id}`),
    );
    return this.#session;
  }

  #awakeQueue(): Live<typeof queueMachine> | null {
    if (this.#queue) return this.#queue;
    const queue: Queue | undefined = this.#options.records.newest('queue', this.id);
    const inspected = queue && this.#options.inspection?.of(`queue of ${this.id}`);
    if (queue) this.#queue = new Live(this.#options.machines.queue, { queue }, inspected);
    return this.#queue;
  }

  #sleep(): void {
    this.#session?.stop();
    this.#queue?.stop();
    this.#session = null;
    this.#queue = null;
  }

  /** The turn was taken back and the actors are new; but one that fails again and again is given up. */
  async #afterFault(fault: ActorFault): Promise<void> {
    this.#options.onFault(this.id, fault);
    const { records } = this.#options;
    await records.turn((turn) => {
      this.#faults = [...this.#faults.filter((at) => at > turn.at - RESTART_WINDOW_MS), turn.at];
      const session = turn.find('session', this.id);
      if (!session || this.#faults.length <= RESTARTS || hasEnded(session.status)) return;
      turn.touch(this);
      const note: TimelineNote = {
        type: 'error',
        message: `Given up after ${RESTARTS} restarts: ${fault.message}`,
      };
      const failed: Session = {
        ...session,
        status: 'failed',
        phase: undefined,
        completedAt: turn.at,
        lastActivity: turn.at,
        moves: session.moves.append([
          {
            at: turn.at,
            event: 'fault',
            from: session.moves.at(-1)?.to ?? session.status,
            to: 'failed',
          },
        ]),
      };
      turn.put(
        'session',
        stamp(turn, failed, [note, { type: 'session_stopped', message: 'Session failed' }]),
      );
      // A queue that fails itself cannot be moved any more.
      if (fault.machine === 'session')
        this.#options.onEnd(turn, this, 'The session was given up while this task was in work');
      this.#sleep();
    });
  }
}

/** The session with these notes on its timeline, id and time stamped on each; one that is full takes none. */
export function stamp(turn: Turn, session: Session, notes: TimelineNote[]): Session {
  if (notes.length === 0 || !hasRoomForNotes(session)) return session;
  const entries = notes.map((note) => ({ id: turn.newId('evt'), timestamp: turn.at, ...note }));
  return { ...session, timeline: session.timeline.append(entries) };
}

const withNotes = (turn: Turn, session: Session, told: SessionEmitted[]): Session =>
  stamp(
    turn,
    session,
    told.flatMap((emitted) => (emitted.type === 'note' ? [emitted.note] : [])),
  );

/** The state's value as the record holds it. */
function placeOf(value: unknown): SessionPlace {
  if (typeof value === 'string') return { status: value as SessionStatus, phase: undefined };
  const { spawning } = value as { spawning?: string | { awaitingAgent: string } };
  if (spawning === undefined) return { status: 'working', phase: undefined };
  const phase = typeof spawning === 'string' ? spawning : spawning.awaitingAgent;
  return { status: 'spawning', phase: phase as SpawnPhase };
}
