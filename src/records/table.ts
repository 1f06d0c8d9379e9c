// Records of one kind by id, in the order in which they came, with indexes for the lists that clients ask for. Every list
// is in that order, whenever a record got its key.
// Records are immutable values: a change puts a new one in the place of the old.
import type { RecordKind, RecordTypes } from '../domain/records.ts';

interface Index<R> {
  /** The fields that the keys are made from: while they are the same values, so are the keys. */
  from: readonly (keyof R)[];
  /** The keys under which a record is listed: `project:proj_1`, `parent:task_2`. */
  keys: (record: R) => string[];
  /** A field with many ids, each of which is a key behind `prefix`: only what changed in it is indexed anew. */
  many?: { prefix: string; ids: (record: R) => readonly string[] };
}

const notIndexed = { from: [], keys: () => [] };

/** The ids under one key. */
interface Listing {
  ids: Set<string>;
  /** Of the record that was added last. */
  rank: number;
  /** Whether the ids stand in the order of their ranks. */
  isSorted: boolean;
}

class Table<R extends RecordTypes[RecordKind]> {
  readonly #records = new Map<string, R>();
  /** The place of each record in the order in which they came. */
  readonly #ranks = new Map<string, number>();
  #lastRank = 0;
  readonly #index = new Map<string, Listing>();
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
    if (!old && record) this.#ranks.set(id, (this.#lastRank += 1));
    if (record) this.#records.set(id, record);
    else this.#records.delete(id);
    const { from, keys, many } = this.#indexed;
    if (!old || !record || from.some((field) => old[field] !== record[field]))
      this.#reindex(id, '', old ? keys(old) : [], record ? keys(record) : []);
    if (many) this.#reindexMany(id, many.prefix, old ? many.ids(old) : [], record ? many.ids(record) : []);
    if (!record) this.#ranks.delete(id);
  }

  values(): IterableIterator<R> {
    return this.#records.values();
  }

  /** The records that are listed under a key, oldest first. */
  listed(key: string): R[] {
    const listing = this.#index.get(key);
    if (!listing) return [];
    if (!listing.isSorted) this.#sort(listing);
    const records: R[] = [];
    for (const id of listing.ids) {
      const record = this.#records.get(id);
      if (record) records.push(record);
    }
    return records;
  }

  /** How many are listed under a key. */
  count(key: string): number {
    return this.#index.get(key)?.ids.size ?? 0;
  }

  /** Once after an older record got the key: what is listed next is in order already. */
  #sort(listing: Listing): void {
    const ids = [...listing.ids].sort((one, other) => this.#rankOf(one) - this.#rankOf(other));
    listing.ids = new Set(ids);
    listing.rank = this.#rankOf(ids.at(-1) ?? '');
    listing.isSorted = true;
  }

  #rankOf(id: string): number {
    return this.#ranks.get(id) ?? 0;
  }

  /** Of two long lists most is the same, at their beginning and their end. */
  #reindexMany(id: string, prefix: string, before: readonly string[], after: readonly string[]): void {
    if (before === after) return;
    const shorter = Math.min(before.length, after.length);
    let start = 0;
    while (start < shorter && before[start] === after[start]) start += 1;
    let end = 0;
    while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
    const part = (ids: readonly string[]) => ids.slice(start, ids.length - end);
    this.#reindex(id, prefix, part(before), part(after));
  }

  #reindex(id: string, prefix: string, before: readonly string[], after: readonly string[]): void {
    const old = new Set(before);
    const fresh = new Set(after);
    for (const key of old) if (!fresh.has(key)) this.#unlist(prefix + key, id);
    for (const key of fresh) if (!old.has(key)) this.#list(prefix + key, id);
  }

  #list(key: string, id: string): void {
    const rank = this.#rankOf(id);
    const listing = this.#index.get(key);
    if (!listing) {
      this.#index.set(key, { ids: new Set([id]), rank, isSorted: true });
      return;
    }
    listing.ids.add(id);
    if (rank < listing.rank) listing.isSorted = false;
    else listing.rank = rank;
  }

  #unlist(key: string, id: string): void {
    const listing = this.#index.get(key);
    listing?.ids.delete(id);
    if (listing?.ids.size === 0) this.#index.delete(key);
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
    from: ['projectId', 'status'],
    keys: ({ projectId, status }) => [`project:${projectId}`, `status:${status}`],
    many: { prefix: 'task:', ids: ({ taskIds }) => taskIds },
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
