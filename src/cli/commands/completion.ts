// `maestro completion <shell>`: the script by which a shell completes `maestro`. The script asks `maestro complete` at
// each TAB, so that it never knows more or less than there is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from 'commander';
import { assetsFolder } from '../../platform/package.ts';
import { suggest } from '../completion/suggest.ts';
import type { AddCommands } from '../invocation.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** All other groups must have been added: completion reads them. */
export const addCompletion: AddCommands = (program, act) => {
  program
    .command('completion')
    .description('a script for bash, zsh or fish that completes commands')
    .addArgument(new Argument('<shell>', 'for which shell').choices(shells))
    .addHelpText('after', '\nExample:\n  source <(maestro completion bash)     # in ~/.bashrc')
    .action(
      act((_invocation, shell: string) => {
        const script = readFileSync(join(assetsFolder, 'completions', `maestro.${shell}`), 'utf8');
        return Promise.resolve({ data: { shell, script }, text: script });
      }),
    );

  program
    .command('complete', { hidden: true })
    .description('what may stand at the end of a command line, a line each')
    .argument('[words...]')
    .action(
      act((_invocation, words: string[]) => {
        const suggestions = suggest(program, words);
        const lines = suggestions.map(({ value, description }) => `${value}\t${description}`);
        return Promise.resolve({ data: suggestions, text: lines.join('\n') });
      }),
    );
};
