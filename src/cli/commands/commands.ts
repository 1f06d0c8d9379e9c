// `maestro commands`: what the caller may call.
import { CliError, exitCodes } from '../errors.ts';
import type { AddCommands } from '../invocation.ts';
import { agentOf, refuseIfNotAllowed } from '../permissions/check.ts';
import { commandNames, isAllowed, presentName } from '../permissions/rights.ts';
import { table } from '../text.ts';

export const addCommandList: AddCommands = (program, act) => {
  program
    .command('commands')
    .description('what may be called here')
    .option('--check <name>', 'whether this one may be: exit code 0, or 4')
    .action(
      act(async ({ environment }, { check }: { check?: string }) => {
        if (check !== undefined) {
          const name = presentName(check.trim().replace(/\s+/g, ' '));
          if (!commandNames.includes(name)) throw unknown(name);
          await refuseIfNotAllowed(name, environment);
          return { data: { command: name, allowed: true }, text: `\`maestro ${name}\` is allowed.` };
        }
        const agent = await agentOf(environment);
        const listed = commandNames.map((command) => ({
          command,
          allowed: agent === null || isAllowed(command, agent),
        }));
        const rows = listed.map(({ command, allowed }) => [command, allowed ? 'yes' : 'no']);
        return {
          data: { role: agent?.role ?? null, strategy: agent?.strategy ?? null, commands: listed },
          text: table(['command', 'allowed'], rows, ''),
        };
      }),
    );
};

const unknown = (name: string): CliError =>
  new CliError('UNKNOWN_COMMAND', `there is no command \`maestro ${name}\``, {
    exitCode: exitCodes.notFound,
    suggestion: '`maestro commands` shows all.',
  });
