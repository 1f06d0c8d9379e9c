// What cannot be read is set aside, never overwritten and never deleted.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { JsonObject } from '../domain/fields.ts';
import type { BrokenLine } from './journal-reader.ts';
import { FILE_MODE } from './write-atomic.ts';

/** A file's name may have 255 bytes; the end says more than the beginning, and a number may come behind it. */
const LONGEST_NAME = 200;

export class Quarantine {
  readonly #root: string;
  readonly #folder: string;

  constructor(root: string) {
    this.#root = root;
    this.#folder = join(root, 'quarantine');
  }

  /** Moves a file here; returns the sentence for the log. */
  file(path: string, reason: string): string {
    const aside = this.#free(relative(this.#root, path).split(sep).join('__'));
    renameSync(path, aside);
    return `${path} could not be read (${reason}); it was moved to ${aside}`;
  }

  /** Writes a record here that the journal holds and its schema does not read; returns the sentence for the log. */
  record(key: string, content: JsonObject, reason: string): string {
    const aside = this.#free(`${key.replace('/', '__')}.json`);
    writeFileSync(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: FILE_MODE });
    return `${key} could not be read from the journal (${reason}); it was written to ${aside}`;
  }

  /** Copies a line of the journal here; returns the sentence for the log. */
  line({ path, line, text }: BrokenLine): string {
    const aside = this.#free(`${relative(this.#root, path).split(sep).join('__')}.line-${line}`);
    writeFileSync(aside, text, { mode: FILE_MODE });
    return `line ${line} of ${path} held acknowledged changes and is damaged; it was copied to ${aside}`;
  }

  #free(name: string): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const short = name.slice(-LONGEST_NAME);
    for (let copy = 0; ; copy += 1) {
      const path = join(this.#folder, copy === 0 ? short : `${short}.${copy}`);
      if (!existsSync(path)) return path;
    }
  }
}
