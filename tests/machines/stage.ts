// Machines on a stage: started from a record, everything told is heard, and whatever stays behind fails the test:
// an effect that outlives its actor, a timer (charts have none), an actor that failed.
import { afterEach, beforeEach, expect, vi } from 'vitest';
import {
  createActor,
  type Actor,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EmittedFrom,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';

/** An effect that an actor began. */
export interface Begun {
  src: 'generateManifest' | 'awaitDeadline';
  input: unknown;
}

export class Play<M extends AnyStateMachine> {
  readonly told: EmittedFrom<M>[] = [];
  readonly #running: ReadonlySet<Begun>;
  readonly #actor: Actor<M>;
  readonly #faults: unknown[] = [];

  constructor(machine: M, input: InputFrom<M>, running: ReadonlySet<Begun> = new Set()) {
    this.#running = running;
    this.#actor = createActor(machine, { input });
    this.#actor.subscribe({ error: (fault: unknown) => this.#faults.push(fault) });
    this.#actor.on('*', (told) => this.told.push(told));
    this.#actor.start();
    plays.push(this);
  }

  get snapshot(): SnapshotFrom<M> {
    return this.#actor.getSnapshot();
  }

  /** The name of the innermost state; no two states of a chart share theirs. */
  get place(): string {
    return innermost(this.#bare.value);
  }

  /** The effects that run now. */
  get effects(): Begun[] {
    return [...this.#running];
  }

  can(command: EventFromLogic<M>): boolean {
    return this.#bare.can(command);
  }

  /** Sends a command and returns what it told. */
  send(command: EventFromLogic<M>): EmittedFrom<M>[] {
    const before = this.told.length;
    this.#actor.send(command);
    return this.told.slice(before);
  }

  /** The snapshot of a machine that is not known shows nothing but by its general type. */
  get #bare(): AnyMachineSnapshot {
    return this.#actor.getSnapshot();
  }

  /** Ends the actor. Fails when it failed, or when something of it stays behind. */
  leave(): void {
    const faults = [...this.#faults];
    const children = Object.keys(this.#bare.children as object).length;
    const effects = this.#running.size;
    this.#actor.stop();
    expect(faults, 'an actor failed').toEqual([]);
    expect(children, 'an actor has children that no state invoked').toBe(effects);
    expect(this.effects, 'an effect outlived its actor').toEqual([]);
  }
}

const plays: Play<AnyStateMachine>[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  try {
    expect(vi.getTimerCount(), 'a timer was left').toBe(0);
    for (const play of plays) play.leave();
  } finally {
    plays.length = 0;
    vi.useRealTimers();
  }
});

export function innermost(value: unknown): string {
  if (typeof value === 'string') return value;
  const [inner] = Object.values(value as object) as unknown[];
  return innermost(inner);
}

/** The names of all states in which an actor can be found; `restoring` is left before anybody looks. */
export function placesOf(machine: AnyStateMachine): string[] {
  const inside = (node: AnyStateMachine['root']): string[] => {
    const inner = Object.values(node.states);
    return inner.length === 0 ? [node.key] : inner.flatMap(inside);
  };
  return inside(machine.root).filter((place) => place !== 'restoring');
}
