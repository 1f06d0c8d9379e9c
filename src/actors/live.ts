// A machine alive. The one place that creates XState actors: always with an error observer (without one, an action
// that throws ends the process) and with its facts collected (a handler that acted on them could re-enter the turn).
import {
  type Actor,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';
import { asError } from '../domain/errors.ts';
import type { Inspected } from './inspection.ts';

/** An actor's action threw: it is dead, and must be made anew from its record. */
export class ActorFault extends Error {
  /** The id of the machine, e.g. `session`. */
  readonly machine: string;

  constructor(machine: string, cause: Error) {
    super(`an actor failed: ${cause.message}`, { cause });
    this.name = 'ActorFault';
    this.machine = machine;
  }
}

export class Live<M extends AnyStateMachine> {
  readonly #actor: Actor<M>;
  readonly #inspected: Inspected | undefined;
  #emitted: EmittedFrom<M>[] = [];
  #fault: ActorFault | null = null;

  /**
   * Starts the actor. Its invoked effects begin at once; they wait for the commit by themselves.
   * @param inspected with MAESTRO_INSPECT; else the actor has no inspector
   */
  constructor(machine: M, input: InputFrom<M>, inspected?: Inspected) {
    this.#inspected = inspected;
    const observed = inspected && { id: inspected.id, inspect: inspected.inspect };
    this.#actor = createActor<M>(machine, { input, ...observed });
    this.#actor.subscribe({ error: (error) => (this.#fault = new ActorFault(machine.id, asError(error))) });
    this.#actor.on('*', (emitted) => this.#emitted.push(emitted));
    this.#actor.start();
  }

  get snapshot(): SnapshotFrom<M> {
    return this.#actor.getSnapshot();
  }

  can(command: EventFromLogic<M>): boolean {
    const snapshot: AnyMachineSnapshot = this.#actor.getSnapshot();
    return snapshot.can(command);
  }

  /**
   * Sends a command; synchronous.
   * @returns what the transition told.
   * @throws ActorFault when an action threw; the actor is of no use any more.
   */
  send(command: EventFromLogic<M>): EmittedFrom<M>[] {
    this.#emitted = [];
    this.#actor.send(command);
    if (this.#fault) throw this.#fault;
    return this.#emitted;
  }

  /** Ends the actor and its effects. */
  stop(): void {
    // XState leaves the children of an actor that failed running: `_error` in its createActor.ts says so.
    if (this.#fault) this.#endEffects();
    this.#actor.stop();
    this.#inspected?.end();
  }

  #endEffects(): void {
    const { children }: AnyMachineSnapshot = this.#actor.getSnapshot();
    // The snapshot of a machine that is not known shows no more than that it has children.
    const effects = Object.values(children as Record<string, AnyActorRef>);
    for (const effect of effects) effect.send({ type: 'effect.end' });
  }
}
