// What the actors do, for developers' tools: XState's inspection events as the messages of @statelyai/inspect, which
// makes them. Made only with MAESTRO_INSPECT; without it no actor has an inspector.
// Shown here, and nowhere else, is what is not committed yet: the moves of turns in flight, which a failed write takes
// back. It is for a person who looks at how the machines move, not for a client's state.
// I1. Who attaches hears of each actor before its first event: of those alive already by and by, as fast as he reads.
// I2. No fault reaches the caller of `send`: XState calls inspectors inside of it, and hands on what they throw.
import type { createInspector } from '@statelyai/inspect';
import type { AnyActorRef, AnyEventObject, AnyMachineSnapshot, InspectionEvent } from 'xstate';
import { asError } from '../domain/errors.ts';

/** What is on its way to one who attached before it is told of more actors that are alive already. */
const UNDER_WAY = 32;
/** Deeper than any of our charts; the package's own 10 cuts off the guards of the innermost states. */
const DEPTH = 24;
/** Microsteps, actions and transitions have no message in the package. */
const shown: readonly InspectionEvent['type'][] = ['@xstate.actor', '@xstate.event', '@xstate.snapshot'];

/** How one root actor, with the effects that it invokes, is seen. */
export interface Inspected {
  /** The actor's name. */
  readonly id: string;
  readonly inspect: (event: InspectionEvent) => void;
  /** The actor has ended, or failed. */
  readonly end: () => void;
}

/** Takes a message that is plain data once it is JSON, and says when it has gone out. */
export type Receive = (message: object, gone: () => void) => void;

export class Inspection {
  readonly #create: typeof createInspector;
  /** The root actors that are alive, by XState's id of their session, which is none of ours. */
  readonly #roots = new Map<string, AnyActorRef>();
  readonly #attached = new Set<Attached>();

  private constructor(create: typeof createInspector) {
    this.#create = create;
  }

  static async open(): Promise<Inspection> {
    const { createInspector } = await import('@statelyai/inspect');
    return new Inspection(createInspector);
  }

  /** For an actor that is about to be created. @param name as tools show it, e.g. `session sess_…` */
  of(name: string): Inspected {
    let root: AnyActorRef | null = null;
    return {
      id: name,
      inspect: (event) => {
        // The first event is the creation of the root itself.
        if (!root) {
          root = actorOf(event);
          this.#roots.set(root.sessionId, root);
        }
        if (this.#attached.size > 0 && shown.includes(event.type)) this.#tell(event);
      },
      end: () => {
        if (!root) return;
        this.#tellFailure(root);
        this.#roots.delete(root.sessionId);
      },
    };
  }

  /**
   * From now on `receive` is told of the actors.
   * @param fail told what was thrown on the way; nothing more is received then
   * @returns what ends it.
   */
  attach(receive: Receive, fail: (fault: Error) => void): () => void {
    const guarded = (work: () => void): void => {
      // What was under way when he left, or failed.
      if (!this.#attached.has(attached)) return;
      try {
        work();
      } catch (error) {
        this.#attached.delete(attached);
        fail(asError(error));
      }
    };
    const attached = new Attached(this.#create, receive, this.#roots, guarded);
    this.#attached.add(attached);
    attached.begin();
    return () => this.#attached.delete(attached);
  }

  /** Nobody is told any more: a stop ends all actors at once, which is not worth the time that telling it takes. */
  close(): void {
    this.#attached.clear();
  }

  /** XState shows the end of an actor that was stopped, but not that of one that failed. */
  #tellFailure(root: AnyActorRef): void {
    const snapshot = snapshotOf(root);
    if (snapshot.status !== 'error') return;
    const error = asError(snapshot.error).message;
    const event = { type: 'actor.failed' };
    const { sessionId: rootId } = root;
    this.#tell({ type: '@xstate.snapshot', actorRef: root, rootId, event, snapshot: { ...snapshot, error } });
  }

  #tell(event: InspectionEvent): void {
    for (const attached of this.#attached) attached.hear(event);
  }
}

/** One who attached. The package makes each message a moment later, in order, where a throw would end the process (I2). */
class Attached {
  readonly #inspector: ReturnType<typeof createInspector>;
  readonly #guarded: (work: () => void) => void;
  readonly #roots: ReadonlyMap<string, AnyActorRef>;
  readonly #unsaid: Iterator<AnyActorRef>;
  readonly #said = new WeakSet<AnyActorRef>();
  #underWay = 0;

  constructor(
    create: typeof createInspector,
    receive: Receive,
    roots: ReadonlyMap<string, AnyActorRef>,
    guarded: (work: () => void) => void,
  ) {
    const send = (message: object): void => guarded(() => receive(message, () => this.#gone()));
    this.#inspector = create({ send }, { sanitizeEvent: withoutRecords, serializationDepthLimit: DEPTH });
    this.#guarded = guarded;
    this.#roots = roots;
    this.#unsaid = roots.values();
  }

  begin(): void {
    this.#guarded(() => this.#introduceMore());
  }

  hear(event: InspectionEvent): void {
    this.#guarded(() => {
      const actor = actorOf(event);
      const root = this.#roots.get(event.rootId);
      if (event.type === '@xstate.actor') this.#said.add(actor);
      else if (root && !this.#said.has(actor)) this.#introduce(root);
      this.#tell(event);
    });
  }

  #gone(): void {
    this.#underWay -= 1;
    this.#guarded(() => this.#introduceMore());
  }

  #introduceMore(): void {
    while (this.#underWay < UNDER_WAY) {
      const next = this.#unsaid.next();
      if (next.done === true) return;
      this.#introduce(next.value);
    }
  }

  /** Tells of an actor that is alive already, and of its effects. */
  #introduce(root: AnyActorRef): void {
    // The snapshot of a machine that is not known shows no more than that it has children.
    const effects = Object.values(snapshotOf(root).children as Record<string, AnyActorRef>);
    for (const actor of [root, ...effects]) {
      if (this.#said.has(actor)) continue;
      this.#said.add(actor);
      this.#tell({ type: '@xstate.actor', actorRef: asNow(actor), rootId: root.sessionId });
    }
  }

  #tell(event: InspectionEvent): void {
    this.#underWay += 1;
    this.#inspector.inspect.next?.(event);
  }
}

/** XState types the actor of an event as something with less to it than it has. */
const actorOf = ({ actorRef }: InspectionEvent): AnyActorRef => actorRef as AnyActorRef;

/** Each root is a machine. */
const snapshotOf = (root: AnyActorRef): AnyMachineSnapshot => root.getSnapshot() as AnyMachineSnapshot;

/** The package asks for an actor's snapshot a moment later: this one then still answers with that of now. */
function asNow(actor: AnyActorRef): AnyActorRef {
  const snapshot: unknown = actor.getSnapshot();
  return Object.create(actor, { getSnapshot: { value: () => snapshot } }) as AnyActorRef;
}

/** Manifests are large and hold what an agent is told; the record that an actor starts from, its whole timeline. */
function withoutRecords(event: AnyEventObject): AnyEventObject {
  const { manifest, input, ...rest } = event;
  return {
    ...rest,
    ...(manifest !== undefined && { manifest: '(not shown)' }),
    ...(input !== undefined && { input: '(not shown)' }),
  };
}
