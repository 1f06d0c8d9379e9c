import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { asError } from '../domain/errors.ts';

const FOLDER_MODE = 0o700;

/**
 * Makes a folder (0700) and those above it that are missing. Node's recursive mkdir never ends where the system says
 * that there is no such parent although there is one, as below /proc.
 * @returns the topmost folder that was made; undefined when all were there.
 * @throws Error that names the folder when it cannot be had.
 */
export function makeFolder(folder: string): string | undefined {
  if (existsSync(folder)) {
    if (statSync(folder).isDirectory()) return undefined;
    throw new Error(`${folder} is needed as a folder, but is a file`);
  }
  const above = makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    throw new Error(`the folder ${folder} cannot be made: ${asError(error).message}`, { cause: error });
  }
  return above ?? folder;
}
