// Whether the caller may run a command, and who the caller is: an agent has a manifest, a person has none.
import type { Environment } from '../environment.ts';
import { CliError, exitCodes } from '../errors.ts';
import { isAllowed, presentName, type Agent } from './rights.ts';

type Caller = Pick<Environment, 'manifestPath' | 'role'>;

/** @throws CliError NOT_ALLOWED (exit code 4), with a sentence that an agent understands */
export async function refuseIfNotAllowed(command: string, caller: Caller): Promise<void> {
  const name = presentName(command);
  if (isAllowed(name, leastRights) || isAllowed(name, await agentOf(caller))) return;
  const agent = await agentOf(caller);
  const as = agent ? `${agent.role} with strategy ${agent.strategy}` : 'caller';
  throw new CliError('NOT_ALLOWED', `\`maestro ${name}\` is not allowed for this ${as}`, {
    exitCode: exitCodes.notAllowed,
    suggestion: '`maestro commands` shows what is.',
  });
}
