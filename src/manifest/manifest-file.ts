// The file of a manifest: `{SESSION_DIR}/{session id}/manifest.json`, readable by its owner only.
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { asError } from '../domain/errors.ts';
import { readTextFile, readTextFileSync } from '../platform/text-file.ts';
import { manifestFailure } from './failure.ts';

/** More than this is no manifest. */
const largestBytes = 64 * 1024 * 1024;

/** Makes the session's folder and takes an older manifest away, so that it cannot be taken for the new one. */
export async function prepareManifestFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
}

/**
 * Reads what a CLI left at `path`, as parsed JSON.
 * @throws MaestroError MANIFEST_GENERATION_ERROR when there is no file, or one that cannot be read or is not JSON.
 */
export async function readManifestFile(path: string): Promise<unknown> {
  const info = await stat(path).catch((cause: unknown) => {
    throw manifestFailure('the maestro CLI ended without an error, but wrote no manifest', { cause });
  });
  if (!info.isFile() || info.size > largestBytes) {
    throw manifestFailure('the manifest that the maestro CLI wrote is no file, or larger than 64 MiB');
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw manifestFailure(
      `the manifest that the maestro CLI wrote cannot be read: ${asError(cause).message}`,
      { cause },
    );
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw manifestFailure(`the manifest that the maestro CLI wrote is not JSON: ${asError(cause).message}`, {
      cause,
    });
  }
}

/** Writes a manifest as a whole or not at all. */
export const writeManifestFile = (path: string, manifest: object): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });

/** A manifest that was written before, as parsed JSON. @throws Error that says why there is none. */
export async function readKeptManifest(path: string): Promise<unknown> {
  const text = await readTextFile(path, largestBytes);
  if (text === undefined) throw new Error(`there is no manifest at ${path}`);
  return JSON.parse(text) as unknown;
}

/** The same for those that cannot wait; null when there is none that can be read. */
export function readKeptManifestNow(path: string | undefined): unknown {
  try {
    const text = path === undefined ? undefined : readTextFileSync(path, largestBytes);
    return text === undefined ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}
