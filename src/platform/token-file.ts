// `~/.maestro/token`: the servers of this user that ask for a token, where the `maestro` command finds what it needs for
// each. Always whole and for its owner only, whatever was there before: it is written beside its place and renamed.
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerEntries, type ServerEntry } from './server-proof.ts';

/** Servers that were killed leave their entries behind; beyond this number the oldest go. */
const ENTRIES = 32;
/** A larger file is none of ours. */
const LARGEST_FILE = 1024 * 1024;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Two servers that start at once take turns; one that died meanwhile is not waited for. */
const TURN_MS = 2_000;
const LOOK_MS = 20;

export const tokenFile = (): string => join(homedir(), '.maestro', 'token');

export const newSecret = (): string => randomBytes(32).toString('hex');

/**
 * Adds an entry, in place of one for the same URL.
 * @throws Error when the file cannot be written.
 */
export const addServer = (path: string, entry: ServerEntry): Promise<void> =>
  change(path, (servers) => [...servers.filter(({ url }) => url !== entry.url), entry].slice(-ENTRIES));

/**
 * Removes the entries of which `isGone` is true; where there is none, nothing is written.
 * @throws Error when the file cannot be written.
 */
export async function removeServers(path: string, isGone: (server: ServerEntry) => boolean): Promise<void> {
  if (read(path).some(isGone)) await change(path, (servers) => servers.filter((server) => !isGone(server)));
}

async function change(path: string, edit: (servers: ServerEntry[]) => ServerEntry[]): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const giveBack = await takeTurn(`${path}.lock`);
  try {
    const servers = edit(read(path).sort((a, b) => a.startedAt - b.startedAt));
    replace(path, `${JSON.stringify({ servers }, null, 2)}\n`);
  } finally {
    giveBack();
  }
}

/** None when the file is missing, of an older form, or no file of ours: it is replaced then. */
function read(path: string): ServerEntry[] {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile() || stats.size > LARGEST_FILE) return [];
    return ServerEntries.parse(JSON.parse(readFileSync(path, 'utf8'))).servers;
  } catch {
    return [];
  }
}

function replace(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, text, { mode: FILE_MODE, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** @returns what ends the turn. */
async function takeTurn(lock: string): Promise<() => void> {
  for (let waited = 0; ; waited += LOOK_MS) {
    try {
      mkdirSync(lock, { mode: FOLDER_MODE });
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (waited >= TURN_MS || isOld(lock)) rmSync(lock, { recursive: true, force: true });
    else await sleep(LOOK_MS);
  }
}

function isOld(lock: string): boolean {
  try {
    return Date.now() - statSync(lock).mtimeMs > TURN_MS;
  } catch {
    return false; // Given back meanwhile.
  }
}
