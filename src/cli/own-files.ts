// The files that a command takes settings from: `~/.maestro/config` and `~/.maestro/token`, which are the user's own,
// and the `.env` of the current folder, which is a stranger's. A file that cannot be read says nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { z } from 'zod';

export type Variables = Readonly<Record<string, string | undefined>>;

/** `~/.maestro/config`, in the form of a .env file. */
export const readConfigFile = (home: string): Variables => readVariables(join(home, '.maestro', 'config'));

/** The `.env` of a folder. Whoever wrote it is not to be trusted with more than ids. */
export const readFolderFile = (folder: string): Variables => readVariables(join(folder, '.env'));

/**
 * The server at `serverUrl`, with the token in `~/.maestro/token` (`{"url", "token"}`) if it is the one that wrote it.
 * Nobody else must get to see that token: it is sent to the scheme, name and port in the file only. The names of the
 * loopback may stand for each other, but then the one in the file is called: behind another one may be another server.
 */
export function withOwnToken(serverUrl: string, home: string): { serverUrl: string; token?: string } {
  const known = readTokenFile(join(home, '.maestro', 'token'));
  if (known === undefined) return { serverUrl };
  const asked = new URL(serverUrl);
  const writer = new URL(known.url);
  if (loopbackNames.has(asked.hostname) && loopbackNames.has(writer.hostname))
    asked.hostname = writer.hostname;
  if (asked.origin !== writer.origin) return { serverUrl };
  return { serverUrl: asked.href.replace(/\/+$/, ''), token: known.token };
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

const TokenFile = z.object({ url: z.url({ protocol: /^https?$/ }), token: z.string().min(1) });

function readTokenFile(path: string): z.infer<typeof TokenFile> | undefined {
  try {
    return TokenFile.parse(JSON.parse(readText(path) ?? 'null'));
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
