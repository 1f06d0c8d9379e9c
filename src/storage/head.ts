// head.json: the last sequence numbers, and up to which commit the files hold everything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { syncFolder } from './sync.ts';
import { writeSynced } from './write-atomic.ts';

const Head = z.object({
  /** The last commit and the last fact that are known durable. */
  commit: z.number().int(),
  seq: z.number().int(),
  /** Commits up to this one are in synced files: the journal need not be replayed for them. */
  filesThrough: z.number().int(),
});
export type Head = z.infer<typeof Head>;

const none: Head = { commit: 0, seq: 0, filesThrough: 0 };

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
    return { head: Head.parse(JSON.parse(text)) };
  } catch (error) {
    return {
      head: none,
      problem: `${path} cannot be read (${String(error)}); the whole journal is replayed`,
    };
  }
}

/** Durable when it resolves: segments are removed on the word of it. */
export async function writeHead(folder: string, head: Head): Promise<void> {
  await writeSynced(join(folder, 'head.json'), `${JSON.stringify(head, null, 2)}\n`);
  await syncFolder(folder);
}
