// The contract's files: one pretty JSON file for each record, below DATA_DIR. Their folders hold nothing else of ours:
// whatever else is in them is a person's, and left alone.
import { mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { JsonObject } from '../domain/fields.ts';
import type { Image } from '../domain/commit.ts';
import { asError } from '../domain/errors.ts';
import { idOf, keyOf, recordKinds, type AnyRecord, type RecordKind } from '../domain/records.ts';
import { FileWriter } from './file-writer.ts';
import { textOf } from './record-text.ts';
import { FOLDER_MODE } from './write-atomic.ts';

/** More than this is no record. */
const LARGEST_FILE_BYTES = 256 * 1024 * 1024;
/** Of what a schema says of a record that it does not read. */
const SHOWN_ISSUES = 3;

export interface FileFound {
  kind: RecordKind;
  path: string;
  /** The id that the file's name promises. */
  id: string;
  /** Its content, or why there is none. */
  content: JsonObject | Error;
}

export interface FolderUnread {
  path: string;
  /** The project whose tasks are in the folder. */
  projectId: string;
  reason: string;
}

export class RecordFiles {
  readonly root: string;
  /** Which folder that was when it was first used. */
  #identity: string | null = null;
  /** Record files that are links, and what they lead to: writing changes the target, never the link. */
  readonly #links = new Map<string, string>();
  readonly writer: FileWriter;

  constructor(root: string) {
    this.root = root;
    this.writer = new FileWriter(root);
  }

  /**
   * Whether the folder is still the one that was read. Moved away, it is not made anew: that would be in the way of
   * putting it back; and what stands in its place may be another server's.
   * @throws Error when it is not.
   */
  checkPlace(): void {
    this.#identity ??= identityAt(this.root);
    if (identityAt(this.root) !== this.#identity) throw new Error(`${this.root} was moved or removed`);
  }

  pathOf({ kind, id, projectId }: Pick<Image, 'kind' | 'id' | 'projectId'>): string {
    const { folder } = recordKinds[kind];
    return kind === 'task'
      ? join(this.root, folder, projectId ?? '', `${id}.json`)
      : join(this.root, folder, `${id}.json`);
  }

  /**
   * Every file of every kind. Reading synchronously is several times as fast as ten thousand promises.
   * @param onUnread called for a folder of tasks that cannot be read
   * @throws Error when the folder of a kind cannot be read: a start without it would take its records for deleted.
   */
  *readAll(onUnread: (folder: FolderUnread) => void): Generator<FileFound> {
    this.checkPlace();
    for (const kind of Object.keys(recordKinds) as RecordKind[]) {
      const folder = join(this.root, recordKinds[kind].folder);
      mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
      if (kind === 'task') yield* this.#readTasks(folder, onUnread);
      else yield* this.#readFolder(kind, folder);
    }
  }

  *#readTasks(folder: string, onUnread: (folder: FolderUnread) => void): Generator<FileFound> {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
      try {
        yield* this.#readFolder('task', path);
      } catch (error) {
        onUnread({ path, projectId: entry.name, reason: asError(error).message });
      }
    }
  }

  *#readFolder(kind: RecordKind, folder: string): Generator<FileFound> {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.name.endsWith('.json')) continue;
      const path = join(folder, entry.name);
      yield { kind, path, id: entry.name.slice(0, -'.json'.length), content: this.#readFile(path, entry) };
    }
  }

  #readFile(path: string, entry: Dirent): JsonObject | Error {
    try {
      if (entry.isSymbolicLink()) this.#links.set(path, realpathSync(path));
      return readJson(path);
    } catch (error) {
      return asError(error);
    }
  }

  /** Removes the file of a record that was dropped. */
  remove(image: Image): void {
    rmSync(this.pathOf(image), { force: true });
  }

  /** Writes without a sync: a power cut may leave the file torn. */
  async write(image: Image, record: AnyRecord): Promise<void> {
    await this.writer.replace(this.#targetOf(image), textOf(record));
  }

  /** Writes with a sync before the rename, so that a power cut leaves the old content or the new. */
  async writeSynced(image: Image, record: AnyRecord): Promise<void> {
    await this.writer.replaceSynced(this.#targetOf(image), textOf(record));
  }

  #targetOf(image: Image): string {
    const path = this.pathOf(image);
    return this.#links.get(path) ?? path;
  }
}

/** Empty when nothing is there. */
function identityAt(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : '';
}

/** What is no plain file may never end (a device, a pipe). @throws Error that says why there is no JSON object. */
function readJson(path: string): JsonObject {
  const info = statSync(path);
  if (!info.isFile()) throw new Error('it is no plain file');
  if (info.size > LARGEST_FILE_BYTES) throw new Error(`it is larger than ${LARGEST_FILE_BYTES} bytes`);
  const text = readFileSync(path, 'utf8');
  // Editors of Windows put a byte order mark before the text.
  const content: unknown = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  throw new Error('it holds no JSON object');
}

/** A record as its schema reads it; an Error when it does not, or when it is not the record that its name promises. */
export function parseRecord(kind: RecordKind, id: string, content: JsonObject): AnyRecord | Error {
  try {
    const record = recordKinds[kind].parse(content);
    if (idOf(record) !== id) return new Error(`its id is not ${keyOf(kind, id)}`);
    return record;
  } catch (error) {
    return new Error(error instanceof z.ZodError ? issuesOf(error) : asError(error).message);
  }
}

function issuesOf({ issues }: z.ZodError): string {
  const shown = issues
    .slice(0, SHOWN_ISSUES)
    .map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  const more = issues.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}
