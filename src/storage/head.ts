// head.json: the last sequence numbers, and up to which commit the files hold everything. What it says decides what of
// the journal counts, so its content is checked like a line of the journal.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { syncFolder } from './sync.ts';
import type { FileWriter } from './file-writer.ts';

const Numbers = z.object({
  /** The last commit and the last fact that are known durable. */
  commit: z.number().int(),
  seq: z.number().int(),
  /** Commits up to this one are in synced files: the journal need not be replayed for them. */
  filesThrough: z.number().int(),
});
export type Head = z.infer<typeof Numbers>;

/** `check`: the checksum of the numbers, 8 hex digits. Versions before 0.2 wrote none. */
const File = Numbers.extend({ check: z.string().optional() });

const none: Head = { commit: 0, seq: 0, filesThrough: 0 };

const checkOf = ({ commit, seq, filesThrough }: Head): string =>
  crc32(`${commit} ${seq} ${filesThrough}`).toString(16).padStart(8, '0');

/** A missing head is that of empty data; an unreadable one costs a longer replay and is reported. */
export function readHead(folder: string): { head: Head; problem?: string } {
  const path = join(folder, 'head.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { head: none };
  }
  try {
    const { check, ...head } = File.parse(JSON.parse(text));
    if (check !== undefined && check !== checkOf(head))
      throw new Error('its checksum is not that of its numbers');
    return { head };
  } catch (error) {
    return {
      head: none,
      problem: `${path} cannot be read (${String(error)}); the whole journal is replayed`,
    };
  }
}

/** Durable when it resolves: segments are removed on the word of it. */
export async function writeHead(writer: FileWriter, folder: string, head: Head): Promise<void> {
  const file = { ...head, check: checkOf(head) };
  await writer.replaceSynced(join(folder, 'head.json'), `${JSON.stringify(file, null, 2)}\n`);
  await syncFolder(folder);
}
