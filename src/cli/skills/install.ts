// Puts the skills that this package ships into SKILLS_DIR, where the server finds them and people may change them.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { asError } from '../../domain/errors.ts';
import { readTextFile } from '../../platform/text-file.ts';
import { CliError } from '../errors.ts';
import { largestBytes, shippedFolder } from './read.ts';

export interface InstalledSkill {
  name: string;
  folder: string;
  /** `kept`: somebody has changed it, so it was left as it is. */
  outcome: 'installed' | 'unchanged' | 'kept' | 'overwritten';
}

/** @throws CliError when the folder cannot be written */
export async function installSkills(skillsDir: string, force: boolean): Promise<InstalledSkill[]> {
  const installed: InstalledSkill[] = [];
  try {
    for (const name of (await readdir(shippedFolder)).sort())
      installed.push(await installOne(name, join(skillsDir, name), force));
  } catch (thrown) {
    const message = `the skills cannot be written to ${skillsDir}: ${asError(thrown).message}`;
    throw new CliError('SKILLS_NOT_INSTALLED', message, {
      suggestion: 'SKILLS_DIR names another folder.',
      cause: thrown,
    });
  }
  return installed;
}

async function installOne(name: string, folder: string, force: boolean): Promise<InstalledSkill> {
  const files = await Promise.all(
    (await readdir(join(shippedFolder, name))).map(async (file) => ({
      path: join(folder, file),
      shipped: await readFile(join(shippedFolder, name, file), 'utf8'),
      present: await textOf(join(folder, file)),
    })),
  );
  const isChanged = files.some(({ shipped, present }) => present !== undefined && present !== shipped);
  const missing = files.filter(({ present }) => present === undefined);
  if (isChanged && !force) return { name, folder, outcome: 'kept' };
  if (!isChanged && missing.length === 0) return { name, folder, outcome: 'unchanged' };
  await mkdir(folder, { recursive: true });
  for (const { path, shipped } of files) await writeFileAtomic(path, shipped);
  return { name, folder, outcome: isChanged ? 'overwritten' : 'installed' };
}

/** Undefined when it is not there; a file that cannot be used is one that somebody has changed. */
const textOf = (path: string): Promise<string | undefined> =>
  readTextFile(path, largestBytes).catch(() => '');
