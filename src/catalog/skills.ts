// Skills as they lie on disk: `{SKILLS_DIR}/{id}/manifest.json` and `skill.md`. There are few of them, so every call
// reads them anew: no cache, and what was edited is seen at once.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MaestroError, asError } from '../domain/errors.ts';
import type { Role } from '../domain/session.ts';
import { SkillId, SkillManifest } from '../domain/skill.ts';
import { readTextFileInside, UnusableFile } from '../platform/text-file.ts';

const largestBytes = 1024 * 1024;

export interface SkillSummary extends Pick<SkillManifest, 'name' | 'description' | 'type' | 'version'> {
  /** The name of its folder. */
  id: string;
}

export interface Skill extends SkillSummary {
  /** The content of `skill.md`, `''` when there is none. */
  instructions: string;
}

export interface Skills {
  /** All that can be read, sorted by id; `[]` when the folder is missing or unreadable. */
  list(): Promise<SkillSummary[]>;
  /** @throws MaestroError NOT_FOUND, also for one that is there but cannot be loaded: `onFault` gets the reason. */
  get(id: string): Promise<Skill>;
  /** `maestro-cli`, `maestro-{role}`, then those assigned to the role or to `all`, each once. */
  forRole(role: Role): Promise<SkillSummary[]>;
}

interface SkillsOptions {
  folder: string;
  /** Gets the reason why a skill that a client asked for by its id cannot be loaded: SKILL_LOAD_ERROR. */
  onFault: (fault: MaestroError) => void;
}

export function createSkills({ folder, onFault }: SkillsOptions): Skills {
  const notFoundWhenBroken = (fault: unknown): never => {
    if (!(fault instanceof MaestroError) || fault.code !== 'SKILL_LOAD_ERROR') throw fault;
    onFault(fault);
    const id = String(fault.details?.['skillId']);
    const message = `Skill ${id} cannot be loaded; \`maestro skill validate\` says why`;
    throw new MaestroError('NOT_FOUND', message, { skillId: id }, { cause: fault });
  };

  return {
    async list() {
      return (await readAll(folder)).map(({ id, manifest }) => summary(id, manifest));
    },

    async get(id) {
      try {
        const manifest = await readManifest(folder, id);
        const instructions = await readText(folder, id, 'skill.md');
        return { ...summary(id, manifest), instructions: instructions ?? '' };
      } catch (thrown) {
        return notFoundWhenBroken(thrown);
      }
    },

    async forRole(role) {
      const skills = await readAll(folder);
      const always = ['maestro-cli', `maestro-${role}`];
      const first = always.flatMap((id) => skills.filter((skill) => skill.id === id));
      const assigned = skills.filter(
        ({ id, manifest: { assignTo } }) =>
          !always.includes(id) && (assignTo.includes(role) || assignTo.includes('all')),
      );
      return [...first, ...assigned].map(({ id, manifest }) => summary(id, manifest));
    },
  };
}

const summary = (id: string, { name, description, type, version }: SkillManifest): SkillSummary => ({
  id,
  name,
  description,
  type,
  version,
});

/** One after the other, so that many skills do not open many files at once. */
async function readAll(folder: string): Promise<{ id: string; manifest: SkillManifest }[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const skills = [];
  for (const id of names.sort()) {
    // A folder without a manifest, a stray file, a broken skill: none of them hides the others.
    const manifest = await readManifest(folder, id).catch(() => undefined);
    if (manifest) skills.push({ id, manifest });
  }
  return skills;
}

async function readManifest(folder: string, id: string): Promise<SkillManifest> {
  const text = SkillId.safeParse(id).success ? await readText(folder, id, 'manifest.json') : undefined;
  if (text === undefined) throw new MaestroError('NOT_FOUND', `Skill ${id} not found`, { skillId: id });
  const manifest = SkillManifest.safeParse(parsed(id, text));
  if (manifest.success) return manifest.data;
  const faults = manifest.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw broken(id, `its manifest.json is not valid (${faults.join('; ')})`);
}

function parsed(id: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw broken(id, `its manifest.json is not JSON (${asError(cause).message})`, cause);
  }
}

/** The text of a skill's file; undefined when there is no such file. */
async function readText(folder: string, id: string, file: string): Promise<string | undefined> {
  try {
    return await readTextFileInside(join(folder, id), file, largestBytes);
  } catch (thrown) {
    if (thrown instanceof UnusableFile) throw broken(id, `its ${file} ${thrown.message}`, thrown);
    throw thrown;
  }
}

const broken = (id: string, why: string, cause?: unknown): MaestroError =>
  new MaestroError('SKILL_LOAD_ERROR', `Skill ${id} cannot be loaded: ${why}`, { skillId: id }, { cause });
