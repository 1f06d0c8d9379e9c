// The files that a command takes settings from: `~/.maestro/config`, which is the user's own, and the `.env` of the
// current folder, which is a stranger's. A file that cannot be read says nothing.
import { join } from 'node:path';
import { parse } from 'dotenv';
import { readTextFileSync, UnusableFile } from '../platform/text-file.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const mostBytes = 64 * 1024;

/** `~/.maestro/config`, in the form of a .env file. */
export const readConfigFile = (home: string): Variables => readVariables(join(home, '.maestro', 'config'));

/** The `.env` of a folder. Whoever wrote it is not to be trusted with more than ids. */
export const readFolderFile = (folder: string): Variables => readVariables(join(folder, '.env'));

const readVariables = (path: string): Variables => parse(withoutBlankLines(readText(path) ?? ''));

function readText(path: string): string | undefined {
  try {
    return readTextFileSync(path, mostBytes);
  } catch (thrown) {
    // A device, a pipe, a folder, too large, or not ours to read.
    if (thrown instanceof UnusableFile) return undefined;
    throw thrown;
  }
}

/** The parser's regular expression is quadratic in a run of line breaks: 64 KiB of them would take half a minute. */
const withoutBlankLines = (text: string): string =>
  text
    .split(/[\r\n\u2028\u2029]/)
    .filter((line) => line.trim() !== '')
    .join('\n');
