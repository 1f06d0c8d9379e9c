// `maestro skill …`: what agents can be taught, on this machine. No server is needed.
import { CliError, exitCodes } from '../errors.ts';
import type { AddCommands } from '../invocation.ts';
import { installSkills, type InstalledSkill } from '../skills/install.ts';
import { findAll, listSkills, type FoundSkill } from '../skills/read.ts';
import { facts, table } from '../text.ts';

export const addSkill: AddCommands = (program, act) => {
  const skill = program.command('skill').description('skills of agents');

  skill
    .command('list')
    .description('those in SKILLS_DIR, in ~/.skills, and as shipped')
    .action(
      act(async ({ environment }) => {
        const skills = (await listSkills(environment)).map(summary);
        return { data: skills, text: skillTable(skills) };
      }),
    );

  skill
    .command('info <name>')
    .description('one skill, with its instructions')
    .action(
      act(async ({ environment }, name: string) => {
        const [found] = await findAll(name, environment);
        if (found === undefined) throw notFound(name);
        const data = { ...summary(found), manifest: found.manifest, instructions: found.instructions };
        return { data, text: skillText(found) };
      }),
    );

  skill
    .command('validate')
    .description('whether all of them can be used: exit code 0, or 1')
    .action(
      act(async ({ environment }) => {
        const skills = await listSkills(environment);
        const broken = skills.filter(({ faults }) => faults.length > 0);
        if (broken.length > 0) throw notValid(broken);
        const text = `${skills.length} skills, all valid: ${skills.map(({ name }) => name).join(', ')}`;
        return { data: skills.map(summary), text };
      }),
    );

  skill
    .command('install')
    .description('copy the shipped ones to SKILLS_DIR')
    .option('--force', 'also over those that were changed there')
    .action(
      act(async ({ environment: { skillsDir } }, { force }: { force?: boolean }) => {
        const skills = await installSkills(skillsDir, force === true);
        return { data: { folder: skillsDir, skills }, text: skills.map(outcomeText).join('\n') };
      }),
    );
};

type Summary = ReturnType<typeof summary>;

const summary = ({ name, folder, manifest, faults }: FoundSkill) => ({
  name,
  version: manifest?.version ?? null,
  type: manifest?.type ?? null,
  description: manifest?.description ?? null,
  folder,
  valid: faults.length === 0,
  faults,
});

const skillTable = (skills: readonly Summary[]): string =>
  table(
    ['name', 'version', 'type', 'what it is', 'folder'],
    skills.map(({ name, version, type, description, folder, valid, faults }) => [
      name,
      version ?? '',
      type ?? '',
      valid ? (description ?? '') : `not valid: ${faults.join('; ')}`,
      folder,
    ]),
    'There are no skills.',
  );

function skillText({ name, folder, manifest, instructions, faults }: FoundSkill): string {
  const known = facts([
    ['name', name],
    ['version', manifest?.version],
    ['type', manifest?.type],
    ['what it is', manifest?.description],
    ['for', manifest?.assignTo.join(', ')],
    ['folder', folder],
    ['not valid', faults.join('; ')],
  ]);
  return instructions === null ? known : `${known}\n\n${instructions.trim()}`;
}

function outcomeText({ name, folder, outcome }: InstalledSkill): string {
  switch (outcome) {
    case 'installed':
      return `${name} is installed in ${folder}.`;
    case 'unchanged':
      return `${name} is there already.`;
    case 'overwritten':
      return `${name} is overwritten in ${folder}.`;
    case 'kept':
      return `${name} differs from the shipped one and is kept; --force overwrites it.`;
  }
}

const notFound = (name: string): CliError =>
  new CliError('SKILL_NOT_FOUND', `there is no skill ${JSON.stringify(name)}`, {
    exitCode: exitCodes.notFound,
    suggestion: '`maestro skill list` shows those that there are.',
  });

const notValid = (broken: readonly FoundSkill[]): CliError =>
  new CliError('SKILL_NOT_VALID', `${broken.length === 1 ? 'a skill is' : 'some skills are'} not valid`, {
    details: Object.fromEntries(broken.map(({ name, faults }) => [name, faults.join('; ')])),
    suggestion: '`maestro skill info <name>` shows where each of them is.',
  });
