// `maestro whoami`: the assignment of an agent, whole: role, tasks, how to work, what it may call.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Strategy } from '../../domain/session.ts';
import { fillPlaceholders, placeholderValues } from '../../manifest/placeholders.ts';
import type { Manifest } from '../../manifest/schema.ts';
import { assetsFolder } from '../../platform/package.ts';
import { readAssignment } from '../assignment.ts';
import { CliError } from '../errors.ts';
import type { AddCommands, Invocation } from '../invocation.ts';
import { pathOf } from '../paths.ts';
import { agentFrom } from '../permissions/check.ts';
import { commandsOf } from '../permissions/rights.ts';
import { readSkills, type SkillText } from '../skills/read.ts';
import { facts } from '../text.ts';
import { TemplateView } from '../views.ts';

export const addWhoami: AddCommands = (program, act) => {
  program
    .command('whoami')
    .description('the assignment of the session that this is')
    .action(
      act(async (invocation) => {
        const { environment } = invocation;
        if (environment.manifestPath === undefined) return person(invocation);
        const manifest = await readAssignment(environment.manifestPath);
        const { sessionId = '' } = environment;
        const strategy = Strategy.safeParse(environment.strategy).data ?? manifest.strategy;
        const prompt = fillPlaceholders(
          await templateOf(invocation, manifest),
          placeholderValues({ manifest, sessionId, strategy }),
        );
        const allowedCommands = commandsOf(agentFrom(manifest));
        const skills = await readSkills(manifest.skills, environment);
        const data = {
          server: environment.serverUrl,
          projectId: environment.projectId ?? manifest.tasks[0]?.projectId ?? null,
          sessionId: environment.sessionId ?? null,
          role: manifest.role,
          strategy,
          model: manifest.session.model,
          tasks: manifest.tasks,
          context: manifest.context.custom,
          allowedCommands,
          skills,
          prompt,
        };
        return { data, text: assignmentText(prompt, allowedCommands, skills) };
      }),
    );
};

/** A caller without a manifest has no assignment; still it is of use to see where it stands. */
function person({ environment }: Invocation) {
  const { serverUrl: server, projectId = null, sessionId = null } = environment;
  return {
    data: { server, projectId, sessionId, role: null },
    text: `${facts([
      ['server', server],
      ['project', projectId ?? 'none given'],
      ['session', sessionId ?? 'none'],
    ])}\nThere is no assignment: MAESTRO_MANIFEST_PATH is not set.`,
  };
}

/** The role's template from the server; as shipped, when the server is away or no longer has it. */
async function templateOf({ client, output }: Invocation, { templateId, role }: Manifest): Promise<string> {
  if (templateId !== undefined) {
    try {
      return (await client.get(pathOf('template', templateId), TemplateView)).content;
    } catch (thrown) {
      if (!(thrown instanceof CliError)) throw thrown;
      output.note(`The template is taken as shipped: ${thrown.message}`);
    }
  }
  return readFile(join(assetsFolder, 'templates', `${role}.md`), 'utf8');
}

function assignmentText(
  prompt: string,
  allowedCommands: readonly string[],
  skills: readonly SkillText[],
): string {
  const known = skills.filter(({ instructions }) => instructions !== null);
  const missing = skills.filter(({ instructions }) => instructions === null).map(({ name }) => name);
  return [
    prompt.trim(),
    '---',
    `## What you may call\n\n${allowedCommands.map((name) => `- \`maestro ${name}\``).join('\n')}`,
    ...known.map(
      ({ name, instructions }) => `---\n\n<!-- skill: ${name} -->\n\n${instructions?.trim() ?? ''}`,
    ),
    ...(missing.length > 0 ? [`Skills without instructions here: ${missing.join(', ')}`] : []),
  ].join('\n\n');
}
