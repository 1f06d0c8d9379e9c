// The instructions of skills, as an agent finds them: in SKILLS_DIR, in `~/.skills`, then as shipped.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assetsFolder } from '../platform/package.ts';
import type { Environment } from './environment.ts';

export interface SkillText {
  name: string;
  /** Null when there is no such skill here. */
  instructions: string | null;
}

/** A folder's name that leads nowhere else. */
const safeName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** One for each name, in their order. */
export async function readSkills(
  names: readonly string[],
  { skillsDir, home }: Pick<Environment, 'skillsDir' | 'home'>,
): Promise<SkillText[]> {
  const folders = [skillsDir, join(home, '.skills'), join(assetsFolder, 'skills')];
  const skills: SkillText[] = [];
  for (const name of names) skills.push({ name, instructions: await firstText(folders, name) });
  return skills;
}

async function firstText(folders: readonly string[], name: string): Promise<string | null> {
  if (!safeName.test(name)) return null;
  for (const folder of folders) {
    // Not there, or not readable: the next folder may have it.
    const text = await readFile(join(folder, name, 'skill.md'), 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  return null;
}
