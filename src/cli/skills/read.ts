// Skills as an agent finds them: in SKILLS_DIR, in `~/.skills`, then as shipped. The first folder that has one wins.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asError } from '../../domain/errors.ts';
import { SkillId, SkillManifest } from '../../domain/skill.ts';
import { assetsFolder } from '../../platform/package.ts';
import { readTextFileInside } from '../../platform/text-file.ts';
import type { Environment } from '../environment.ts';

type Folders = Pick<Environment, 'skillsDir' | 'home'>;

export interface SkillText {
  name: string;
  /** Null when there is no such skill here. */
  instructions: string | null;
}

export interface FoundSkill {
  /** The name of its folder. */
  name: string;
  folder: string;
  /** Null when it has none that can be used; `~/.skills` needs none. */
  manifest: SkillManifest | null;
  /** Null when it has none. */
  instructions: string | null;
  /** What is wrong with it, as sentences. */
  faults: string[];
}

export const shippedFolder = join(assetsFolder, 'skills');

export const largestBytes = 1024 * 1024;

/** One for each name, in their order. */
export async function readSkills(names: readonly string[], folders: Folders): Promise<SkillText[]> {
  const skills: SkillText[] = [];
  for (const name of names) {
    const texts = await findAll(name, folders);
    const { instructions = null } = texts.find((skill) => skill.instructions !== null) ?? {};
    skills.push({ name, instructions });
  }
  return skills;
}

/** Every skill that there is, by name; of those that hide each other only the first. */
export async function listSkills(folders: Folders): Promise<FoundSkill[]> {
  const names = new Set<string>();
  for (const folder of foldersOf(folders)) {
    for (const name of await readdir(folder).catch((): string[] => [])) names.add(name);
  }
  const skills: FoundSkill[] = [];
  for (const name of [...names].sort()) skills.push(...(await findAll(name, folders)).slice(0, 1));
  return skills;
}

/** The skills of a name, the one that wins first. */
export async function findAll(name: string, folders: Folders): Promise<FoundSkill[]> {
  if (!SkillId.safeParse(name).success) return [];
  const found: FoundSkill[] = [];
  for (const parent of foldersOf(folders)) {
    const folder = join(parent, name);
    const isFolder = await stat(folder).then(
      (there) => there.isDirectory(),
      () => false,
    );
    if (isFolder) found.push(await readSkill(name, folder, parent === homeFolder(folders)));
  }
  return found;
}

const homeFolder = ({ home }: Folders): string => join(home, '.skills');

const foldersOf = (folders: Folders): string[] => [folders.skillsDir, homeFolder(folders), shippedFolder];

async function readSkill(name: string, folder: string, isPlain: boolean): Promise<FoundSkill> {
  const faults: string[] = [];
  const text = (file: string): Promise<string | null> =>
    readTextFileInside(folder, file, largestBytes).then(
      (found) => found ?? null,
      (thrown: unknown) => {
        faults.push(`${file} ${asError(thrown).message}`);
        return null;
      },
    );

  const source = await text('manifest.json');
  const instructions = await text('skill.md');
  let manifest: SkillManifest | null = null;
  if (source !== null) {
    const parsed = SkillManifest.safeParse(parsedOrUndefined(source));
    if (parsed.success) manifest = parsed.data;
    else faults.push(...parsed.error.issues.map(sentenceOf));
  } else if (!isPlain && faults.length === 0) faults.push('manifest.json is missing');
  if (instructions === null && faults.length === 0) faults.push('skill.md is missing');
  return { name, folder, manifest, instructions, faults };
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: told as a manifest that is none.
    return undefined;
  }
}

const sentenceOf = ({ path, message }: { path: PropertyKey[]; message: string }): string =>
  path.length === 0 ? 'manifest.json is no JSON object' : `manifest.json: ${path.join('.')}: ${message}`;
