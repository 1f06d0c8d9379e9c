// Whether the caller may run a command, and who the caller is: an agent has a manifest, a person has none.
import type { Manifest } from '../../manifest/schema.ts';
import { readAssignment } from '../assignment.ts';
import type { Environment } from '../environment.ts';
import { CliError, exitCodes } from '../errors.ts';
import { isAllowed, isAlwaysAllowed, presentName, type Agent } from './rights.ts';

type Caller = Pick<Environment, 'manifestPath'>;

/** @throws CliError NOT_ALLOWED (exit code 4), with a sentence that an agent understands */
export async function refuseIfNotAllowed(command: string, caller: Caller): Promise<void> {
  const name = presentName(command);
  if (isAlwaysAllowed(name)) return;
  const agent = await agentOf(caller);
  if (agent === null || isAllowed(name, agent)) return;
  throw new CliError(
    'NOT_ALLOWED',
    `\`maestro ${name}\` is not allowed for a ${agent.role} with strategy ${agent.strategy}`,
    {
      exitCode: exitCodes.notAllowed,
      details: { command: name, role: agent.role, strategy: agent.strategy },
      suggestion: '`maestro commands` shows what is.',
    },
  );
}

/** The agent that calls; null for a person. One whose manifest cannot be read has the least rights. */
export async function agentOf({ manifestPath }: Caller): Promise<Agent | null> {
  if (manifestPath === undefined) return null;
  const manifest = await readAssignment(manifestPath).catch(() => null);
  return manifest ? agentFrom(manifest) : { role: 'worker', strategy: 'simple', allowedCommands: undefined };
}

export const agentFrom = ({ role, strategy, session: { allowedCommands } }: Manifest): Agent => ({
  role,
  strategy,
  allowedCommands,
});
