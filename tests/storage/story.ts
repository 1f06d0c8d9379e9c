// Commits as the records room makes them, and what the records must be after them.
import { changesOf } from '../../src/records/changes.ts';
import type { Commit, Image } from '../../src/domain/commit.ts';
import type { Fact, FactType } from '../../src/domain/facts.ts';
import {
  idOf,
  keyOf,
  projectOf,
  recordKinds,
  RecordKindName,
  type AnyRecord,
  type RecordKind,
  type RecordTypes,
} from '../../src/domain/records.ts';
import { Log } from '../../src/domain/log.ts';
import type { Session } from '../../src/domain/session.ts';
import type { Task } from '../../src/domain/task.ts';
import type { TimelineEntry } from '../../src/domain/timeline.ts';
import type { Loaded, Storage } from '../../src/storage/storage.ts';

export const PROJECT = 'proj_1';

const bases: Record<RecordKind, object> = {
  project: { name: 'Orchard', createdAt: 1, updatedAt: 1 },
  task: { projectId: PROJECT, title: 'Prune', createdAt: 1, updatedAt: 1 },
  session: { projectId: PROJECT, name: 'Pruning', startedAt: 1, lastActivity: 1 },
  queue: { createdAt: 1, updatedAt: 1 },
  template: { name: 'Worker', role: 'worker', content: '# Work', createdAt: 1, updatedAt: 1 },
  answer: { bodyHash: 'h', status: 201, createdAt: 1, text: '{"made":true}' },
};

/** A whole record of a kind, with the defaults of its schema. */
export function record<K extends RecordKind>(
  kind: K,
  id: string,
  fields: Partial<RecordTypes[K]> = {},
): RecordTypes[K] {
  const named = kind === 'queue' ? { sessionId: id } : { id };
  // The schema of this kind made the record: the compiler cannot see that the two belong together.
  return { ...(recordKinds[kind].parse({ ...bases[kind], ...named }) as RecordTypes[K]), ...fields };
}

export const entry = (id: string): TimelineEntry => ({
  id,
  type: 'progress',
  timestamp: 7,
  message: `did ${id}`,
});

export const withEntries = (session: Session, ...ids: string[]): Session => ({
  ...session,
  timeline: session.timeline.append(ids.map(entry)),
});

export const entriesOf = (session: Session | undefined): string[] =>
  session?.timeline.slice().map(({ id }) => id) ?? [];

/** `undefined` as a record drops it. */
export type Edit = {
  [K in RecordKind]: [kind: K, id: string, record: RecordTypes[K] | undefined];
}[RecordKind];

export const put = <K extends RecordKind>(kind: K, made: RecordTypes[K]): Edit =>
  [kind, idOf(made), made] as unknown as Edit;

export const drop = (kind: RecordKind, id: string): Edit => [kind, id, undefined] as Edit;

export class Story {
  number: number;
  seq: number;
  readonly records = new Map<string, AnyRecord>();

  constructor(loaded: Pick<Loaded, 'lastCommit' | 'lastSeq'> = { lastCommit: 0, lastSeq: 0 }) {
    this.number = loaded.lastCommit;
    this.seq = loaded.lastSeq;
  }

  get<K extends RecordKind>(kind: K, id: string): RecordTypes[K] | undefined {
    return this.records.get(keyOf(kind, id)) as RecordTypes[K] | undefined;
  }

  /** The next commit; the story goes on from it. One fact for each record but answers, or `facts` of them. */
  commit(edits: Edit[], facts?: number): Commit {
    this.number += 1;
    const changes: Commit['changes'] = [];
    const images: Image[] = [];
    for (const [kind, id, after] of edits) {
      const before = this.records.get(keyOf(kind, id));
      changes.push(...changesOf(kind, id, before, after));
      const known = after ?? before;
      images.push({ kind, id, record: after ?? null, projectId: known ? projectOf(kind, known) : null });
      if (after) this.records.set(keyOf(kind, id), after);
      else this.records.delete(keyOf(kind, id));
    }
    return {
      number: this.number,
      at: 1_000 + this.number,
      changes,
      images,
      facts: this.#facts(edits, facts),
    };
  }

  /** Gives the next commit to a storage. */
  tell(storage: Storage, ...edits: Edit[]): Promise<void> {
    return storage.commit(this.commit(edits));
  }

  #facts(edits: Edit[], count?: number): Fact[] {
    const told = edits.filter(([kind]) => kind !== 'answer');
    const [first] = told;
    if (!first) return [];
    return Array.from({ length: count ?? told.length }, (_, index) => {
      const [kind, id, after] = told[index] ?? first;
      const type = `${kind}:${after ? 'updated' : 'deleted'}` as FactType;
      return {
        seq: (this.seq += 1),
        type: kind === 'queue' ? 'queue:updated' : type,
        kind,
        id,
        projectId: PROJECT,
      };
    });
  }
}

/** All records by key, as JSON shows them. */
export function shown(loaded: Loaded | Story): Record<string, unknown> {
  const all: [string, AnyRecord][] =
    loaded instanceof Story
      ? [...loaded.records]
      : RecordKindName.options.flatMap((kind) =>
          loaded.records[kind].map((each): [string, AnyRecord] => [keyOf(kind, idOf(each)), each]),
        );
  const sorted = all.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.parse(JSON.stringify(Object.fromEntries(sorted))) as Record<string, unknown>;
}

export const found = <K extends RecordKind>(
  loaded: Loaded,
  kind: K,
  id: string,
): RecordTypes[K] | undefined => loaded.records[kind].find((each) => idOf(each) === id);

export const allAreLogs = (loaded: Loaded): boolean =>
  loaded.records.session.every(({ timeline, events }) => timeline instanceof Log && events instanceof Log);

export const newTask = (id: string, fields?: Partial<Task>): Edit => put('task', record('task', id, fields));
