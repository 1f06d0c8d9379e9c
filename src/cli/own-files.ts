// The files that a command takes settings from: `~/.maestro/config` and `~/.maestro/token`, which are the user's own,
// and the `.env` of the current folder, which is a stranger's. A file that cannot be read says nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';

export type Variables = Readonly<Record<string, string | undefined>>;

/** `~/.maestro/config`, in the form of a .env file. */
export const readConfigFile = (home: string): Variables => readVariables(join(home, '.maestro', 'config'));

/** The `.env` of a folder. Whoever wrote it is not to be trusted with more than ids. */
export const readFolderFile = (folder: string): Variables => readVariables(join(folder, '.env'));

/**
 * The token in `~/.maestro/token` (`{"url", "token"}`), if the server at `serverUrl` is the one that wrote it: the same
 * scheme, name and port. Anybody else must not get to see it.
 */
export function readTokenFor(serverUrl: string, home: string): string | undefined {
  try {
    const file: unknown = JSON.parse(readText(join(home, '.maestro', 'token')) ?? 'null');
    if (typeof file !== 'object' || file === null || !('url' in file) || !('token' in file)) return undefined;
    const isItsOwn = new URL(String(file.url)).origin === new URL(serverUrl).origin;
    return isItsOwn && typeof file.token === 'string' ? file.token : undefined;
  } catch {
    // Not JSON, or a URL that is none: as good as no token.
    return undefined;
  }
}

const readVariables = (path: string): Variables => parse(readText(path) ?? '');

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there (the usual case), a folder, or not ours to read.
    return undefined;
  }
}
