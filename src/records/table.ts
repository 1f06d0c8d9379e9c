// Records of one kind by id, in the order in which they came, with indexes for the lists that clients ask for.
// Records are immutable values: a change puts a new one in the place of the old.
import type { RecordKind, RecordTypes } from '../domain/records.ts';

/** A key under which a record is listed: `project:proj_1`, `parent:task_2`. */
type IndexKeys<R> = (record: R) => string[];

const none: ReadonlySet<string> = new Set();

class Table<R extends RecordTypes[RecordKind]> {
  readonly #records = new Map<string, R>();
  readonly #index = new Map<string, Set<string>>();
  readonly #keysOf: IndexKeys<R>;

  constructor(keysOf: IndexKeys<R>) {
    this.#keysOf = keysOf;
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
    this.#reindex(id, old ? this.#keysOf(old) : [], record ? this.#keysOf(record) : []);
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

  #reindex(id: string, before: string[], after: string[]): void {
    for (const key of before) {
      if (after.includes(key)) continue;
      const ids = this.#index.get(key);
      ids?.delete(id);
      if (ids?.size === 0) this.#index.delete(key);
    }
    for (const key of after) {
      if (before.includes(key)) continue;
      const ids = this.#index.get(key);
      if (ids) ids.add(id);
      else this.#index.set(key, new Set([id]));
    }
  }
}

export type Tables = { [K in RecordKind]: Table<RecordTypes[K]> };

/** Empty tables; the indexes of each kind stand here. */
export const newTables = (): Tables => ({
  project: new Table(() => []),
  task: new Table((task) => [
    `project:${task.projectId}`,
    `parent:${task.parentId ?? ''}`,
    `projectParent:${task.projectId}/${task.parentId ?? ''}`,
  ]),
  session: new Table((session) => [
    `project:${session.projectId}`,
    `status:${session.status}`,
    ...session.taskIds.map((taskId) => `task:${taskId}`),
  ]),
  queue: new Table(() => []),
  template: new Table((template) => [`role:${template.role}`]),
  answer: new Table(() => []),
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
