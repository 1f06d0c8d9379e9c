// What cannot be read is set aside, never overwritten and never deleted. Its name says which record it is: others may
// name that record, and go on doing so until it is put back or taken out of here.
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { JsonObject } from '../domain/fields.ts';
import { keyOf, recordKinds, type RecordKind } from '../domain/records.ts';
import type { BrokenLines } from './journal-reader.ts';
import { FILE_MODE, FOLDER_MODE } from './write-atomic.ts';

/** A file's name may have 255 bytes; the end says more than the beginning, and a number may come behind it. */
const LONGEST_NAME = 200;

/** A file that is set aside. */
export interface SetAside {
  /** Where it is now. */
  path: string;
  reason: string;
  /** The record that it was; null where the name does not say. */
  key: string | null;
  /** The sentence for the log; null for what an earlier start set aside. */
  sentence: string | null;
}

export const quarantineFolder = (root: string): string => join(root, 'quarantine');

export class Quarantine {
  readonly #root: string;
  readonly #folder: string;

  constructor(root: string) {
    this.#root = root;
    this.#folder = quarantineFolder(root);
  }

  /** What earlier starts have set aside and nobody took out of here. */
  earlier(): SetAside[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names.map((name) => ({
      path: join(this.#folder, name),
      reason: 'an earlier start could not read it',
      key: keyIn(name),
      sentence: null,
    }));
  }

  /** Moves a file here. */
  file(path: string, reason: string, key: string): SetAside {
    const aside = this.#free(relative(this.#root, path).split(sep).join('__'));
    renameSync(path, aside);
    const sentence = `${path} could not be read (${reason}); it was moved to ${aside}`;
    return { path: aside, reason, key, sentence };
  }

  /** Writes a record here that the journal holds and its schema does not read. */
  record(key: string, content: JsonObject, reason: string): SetAside {
    const aside = this.#free(`${key.replace('/', '__')}.json`);
    writeFileSync(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: FILE_MODE });
    const sentence = `${key} could not be read from the journal (${reason}); it was written to ${aside}`;
    return { path: aside, reason, key, sentence };
  }

  /** Copies lines of the journal here. */
  lines({ path, first, last, text }: BrokenLines): SetAside {
    const aside = this.#free(`${relative(this.#root, path).split(sep).join('__')}.line-${first}`);
    writeFileSync(aside, text, { mode: FILE_MODE });
    const which = first === last ? `line ${first}` : `lines ${first} to ${last}`;
    const sentence = `${which} of ${path} held acknowledged changes and is damaged; it was copied to ${aside}`;
    return { path: aside, reason: 'a damaged line of the journal', key: null, sentence };
  }

  #free(name: string): string {
    mkdirSync(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const short = name.slice(-LONGEST_NAME);
    for (let copy = 0; ; copy += 1) {
      const path = join(this.#folder, copy === 0 ? short : `${short}.${copy}`);
      if (!existsSync(path)) return path;
    }
  }
}

/** The key of the record whose file or content has this name here; null where the name does not say. */
function keyIn(name: string): string | null {
  const plain = /^(.*)\.json(?:\.\d+)?$/.exec(name)?.[1];
  for (const kind of Object.keys(recordKinds) as RecordKind[])
    for (const word of [recordKinds[kind].folder, kind])
      if (plain?.startsWith(`${word}__`)) {
        const id = plain.slice(word.length + 2);
        return keyOf(kind, word === 'tasks' ? id.slice(id.lastIndexOf('__') + 2) : id);
      }
  return null;
}
