// Records of one kind by id, in the order in which they came, with indexes for the lists that clients ask for.
// Records are immutable values: a change puts a new one in the place of the old.
import type { RecordKind, RecordTypes } from '../domain/records.ts';

interface Index<R> {
  /** The fields that the keys are made from: while they are the same values, so are the keys. */
  from: readonly (keyof R)[];
  /** The keys under which a record is listed: `project:proj_1`, `parent:task_2`. */
  keys: (record: R) => string[];
}

const notIndexed = { from: [], keys: () => [] };

const none: ReadonlySet<string> = new Set();

class Table<R extends RecordTypes[RecordKind]> {
  readonly #records = new Map<string, R>();
  readonly #index = new Map<string, Set<string>>();
  readonly #indexed: Index<R>;

  constructor(indexed: Index<R>) {
    this.#indexed = indexed;
  }

  get size(): number {
    return this.#records.size;
  }

  get(id: string): R | undefined {
    return this.#records.get(id);
  }

  /** Puts a record in, or with undefined takes it out. */
  set(id: string, record: R | undefined): void {
    const old = this.#records.get(id);
    if (record) this.#records.set(id, record);
    else this.#records.delete(id);
    const { from, keys } = this.#indexed;
    // Most changes leave them as they are, and a session may have thousands of tasks.
    if (old && record && from.every((field) => old[field] === record[field])) return;
    this.#reindex(id, new Set(old ? keys(old) : []), new Set(record ? keys(record) : []));
  }

  values(): IterableIterator<R> {
    return this.#records.values();
  }

  /** The records that are listed under a key, in the order in which they got it. */
  listed(key: string): R[] {
    const records: R[] = [];
    for (const id of this.#index.get(key) ?? none) {
      const record = this.#records.get(id);
      if (record) records.push(record);
    }
    return records;
  }

  /** How many are listed under a key. */
  count(key: string): number {
    return this.#index.get(key)?.size ?? 0;
  }

  #reindex(id: string, before: Set<string>, after: Set<string>): void {
    for (const key of before) {
      if (after.has(key)) continue;
      const ids = this.#index.get(key);
      ids?.delete(id);
      if (ids?.size === 0) this.#index.delete(key);
    }
    for (const key of after) {
      if (before.has(key)) continue;
      const ids = this.#index.get(key);
      if (ids) ids.add(id);
      else this.#index.set(key, new Set([id]));
    }
  }
}

export type Tables = { [K in RecordKind]: Table<RecordTypes[K]> };

/** Empty tables; the indexes of each kind stand here. */
export const newTables = (): Tables => ({
  project: new Table(notIndexed),
  task: new Table({
    from: ['projectId', 'parentId'],
    keys: ({ projectId, parentId }) => [
      `project:${projectId}`,
      `parent:${parentId ?? ''}`,
      `projectParent:${projectId}/${parentId ?? ''}`,
    ],
  }),
  session: new Table({
    from: ['projectId', 'status', 'taskIds'],
    keys: ({ projectId, status, taskIds }) => [
      `project:${projectId}`,
      `status:${status}`,
      ...taskIds.map((taskId) => `task:${taskId}`),
    ],
  }),
  queue: new Table(notIndexed),
  template: new Table({ from: ['role'], keys: ({ role }) => [`role:${role}`] }),
  answer: new Table(notIndexed),
});

/** Puts a record into the table of its kind. */
export function setIn<K extends RecordKind>(
  tables: Tables,
  kind: K,
  id: string,
  record: RecordTypes[K] | undefined,
): void {
  // The compiler does not see that table and record are of one kind when K is a union.
  (tables[kind] as unknown as Table<RecordTypes[K]>).set(id, record);
}

export function getFrom<K extends RecordKind>(
  tables: Tables,
  kind: K,
  id: string,
): RecordTypes[K] | undefined {
  return tables[kind].get(id);
}
