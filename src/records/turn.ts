// One synchronous run in which records change: one or several, all or nothing.
// T1. What a turn judges on is the newest state, in flight included; what it changes is seen by the next turn at once.
// T2. A throw takes everything back: records to what they were, touched participants to their records.
// T3. Facts come from what changed: created, updated, deleted; only what no record shows is told by hand.
import type { Commit, Image } from '../domain/commit.ts';
import type { FactDraft, FactType } from '../domain/facts.ts';
import type { JsonObject } from '../domain/fields.ts';
import type { IdPrefix, NewId } from '../domain/ids.ts';
import {
  idOf,
  keyOf,
  projectOf,
  type AnyRecord,
  type RecordKind,
  type RecordTypes,
} from '../domain/records.ts';
import { changesOf } from './changes.ts';
import { inOrder } from './fact-order.ts';
import { getFrom, setIn, type Tables } from './table.ts';

/** Something alive that follows its record; made anew from it when a turn or commit that touched it is taken back. */
export interface Participant {
  reset(): void;
}

interface Touched {
  kind: RecordKind;
  id: string;
  before: AnyRecord | undefined;
  /**
   * Whether the change is told as `:created`, `:updated` or `:deleted`. Associations tell only their own facts; a
   * session's change is then still told to clients of `view=changes`, which put the session together from changes.
   */
  told: boolean;
}

/** Kinds whose changes are facts; a queue that goes is told by its session's deletion, an answer never. */
const toldKinds: Record<RecordKind, { created?: FactType; updated?: FactType; deleted?: FactType }> = {
  project: { created: 'project:created', updated: 'project:updated', deleted: 'project:deleted' },
  task: { created: 'task:created', updated: 'task:updated', deleted: 'task:deleted' },
  session: { created: 'session:created', updated: 'session:updated', deleted: 'session:deleted' },
  queue: { created: 'queue:created', updated: 'queue:updated' },
  template: { created: 'template:created', updated: 'template:updated', deleted: 'template:deleted' },
  answer: {},
};

export class Turn {
  /** When the turn takes place, in Unix milliseconds: one time for all that it changes. */
  readonly at: number;
  readonly #tables: Tables;
  readonly #newId: NewId;
  readonly #touched = new Map<string, Touched>();
  readonly #told: FactDraft[] = [];
  readonly #live = new Map<FactDraft, JsonObject>();
  readonly participants = new Set<Participant>();

  constructor(tables: Tables, at: number, newId: NewId) {
    this.#tables = tables;
    this.at = at;
    this.#newId = newId;
  }

  newId(prefix: IdPrefix): string {
    return this.#newId(prefix);
  }

  find<K extends RecordKind>(kind: K, id: string): RecordTypes[K] | undefined {
    return getFrom(this.#tables, kind, id);
  }

  /** The records under an index key of table.ts, e.g. `parent:task_1`. */
  listed<K extends RecordKind>(kind: K, key: string): RecordTypes[K][] {
    return this.#tables[kind].listed(key);
  }

  count(kind: RecordKind, key: string): number {
    return this.#tables[kind].count(key);
  }

  /** Puts a new value of a record; it must never be changed afterwards. */
  put<K extends RecordKind>(kind: K, record: RecordTypes[K], how: { quietly?: boolean } = {}): void {
    const id = idOf(record);
    this.#touch(kind, id, how.quietly !== true);
    setIn(this.#tables, kind, id, record);
  }

  drop(kind: RecordKind, id: string): void {
    this.#touch(kind, id, true);
    setIn(this.#tables, kind, id, undefined);
  }

  /**
   * Tells a fact that no changed record shows: associations, queue items, spawns.
   * @param live what it says to clients that are connected now, beside its data
   */
  tell(fact: FactDraft, live?: JsonObject): void {
    this.#told.push(fact);
    if (live) this.#live.set(fact, live);
  }

  /** The participant was sent something in this turn: should the turn be lost, it is made anew. */
  touch(participant: Participant): void {
    this.participants.add(participant);
  }

  /** A queue's record names no project: it belongs to its session's, also when both go. */
  #projectOf(kind: RecordKind, id: string, record: AnyRecord | undefined): string | null {
    if (!record) return null;
    if (kind !== 'queue') return projectOf(kind, record);
    const session = this.find('session', id) ?? this.#touched.get(keyOf('session', id))?.before;
    return session ? projectOf('session', session) : null;
  }

  #touch(kind: RecordKind, id: string, told: boolean): void {
    const key = keyOf(kind, id);
    const touched = this.#touched.get(key);
    if (touched) touched.told ||= told;
    else this.#touched.set(key, { kind, id, before: getFrom(this.#tables, kind, id), told });
  }

  /** Whether it changed or told anything so far. */
  get changed(): boolean {
    if (this.#told.length > 0) return true;
    for (const { kind, id, before } of this.#touched.values())
      if (changesOf(kind, id, before, this.find(kind, id)).length > 0) return true;
    return false;
  }

  /** T2, for the records. The participants are reset by the caller, when all records are back. */
  undo(): void {
    for (const { kind, id, before } of this.#touched.values()) setIn(this.#tables, kind, id, before);
  }

  /**
   * What the turn did.
   * @returns null when it changed and told nothing.
   */
  close(number: number, seq: number): Commit | null {
    const changes: Commit['changes'] = [];
    const images: Image[] = [];
    const facts: FactDraft[] = [...this.#told];
    const toldByHand = new Set<string>();
    for (const { type, id, data } of facts)
      if (data === undefined || type === 'session:spawn') toldByHand.add(`${type} ${id}`);
    for (const { kind, id, before, told } of this.#touched.values()) {
      const after = this.find(kind, id);
      const made = changesOf(kind, id, before, after);
      if (made.length === 0) continue;
      changes.push(...made);
      const projectId = this.#projectOf(kind, id, after ?? before);
      images.push({ kind, id, record: after ?? null, projectId });
      const type = toldKinds[kind][before ? (after ? 'updated' : 'deleted') : 'created'];
      if (told && type && !toldByHand.has(`${type} ${id}`)) facts.push({ type, kind, id, projectId });
      // `session:spawn` shows the session whole.
      const isHidden = kind === 'session' && before && after && !toldByHand.has(`session:spawn ${id}`);
      if (!told && isHidden)
        facts.push({ type: 'session:updated', kind, id, projectId, audience: 'changes' });
    }
    if (changes.length === 0 && facts.length === 0) return null;
    const live = new Map<number, JsonObject>();
    const numbered = inOrder(facts).map((fact, index) => {
      const said = this.#live.get(fact);
      if (said) live.set(seq + 1 + index, said);
      return { seq: seq + 1 + index, ...fact };
    });
    return { number, at: this.at, changes, facts: numbered, images, live };
  }
}
