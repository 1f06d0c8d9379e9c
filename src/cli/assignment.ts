// A session's manifest as its agent reads it: what is to be done, and how.
import { asError, MaestroError } from '../domain/errors.ts';
import { parseManifest, type Manifest } from '../manifest/schema.ts';
import { readTextFile } from '../platform/text-file.ts';
import { CliError, usageError } from './errors.ts';

const mostManifestBytes = 16 * 1024 * 1024;

/**
 * Reads and checks the manifest at MAESTRO_MANIFEST_PATH.
 * @throws CliError that names the file, and each field that is wrong in it
 */
export async function readAssignment(path: string | undefined): Promise<Manifest> {
  if (path === undefined) {
    throw usageError(
      'there is no manifest: MAESTRO_MANIFEST_PATH is not set',
      'A terminal host sets it when it starts the command of a spawn.',
    );
  }
  const text = await readTextFile(path, mostManifestBytes).catch((cause: unknown) => {
    throw unreadable(path, `it ${asError(cause).message}`, cause);
  });
  if (text === undefined) throw unreadable(path, 'there is no such file', undefined);
  try {
    return parseManifest(JSON.parse(text));
  } catch (thrown) {
    const details = thrown instanceof MaestroError ? thrown.details : undefined;
    throw unreadable(path, asError(thrown).message, thrown, details);
  }
}

const unreadable = (path: string, why: string, cause: unknown, details?: unknown): CliError =>
  new CliError('INVALID_MANIFEST', `the manifest at ${path} cannot be used: ${why}`, { details, cause });
