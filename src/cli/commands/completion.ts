// `maestro completion <shell>`: the script by which a shell completes `maestro`. The script asks
// `maestro completion suggest` at each TAB, so that it never knows more or less than there is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetsFolder } from '../../platform/package.ts';
import { suggest } from '../completion/suggest.ts';
import type { AddCommands } from '../invocation.ts';

const shells = ['bash', 'zsh', 'fish'];

/** All other groups must have been added: completion reads them. */
export const addCompletion: AddCommands = (program, act) => {
  const completion = program
    .command('completion')
    .description('lets a shell complete commands at the TAB key')
    .addHelpText('after', '\nExample:\n  source <(maestro completion bash)     # in ~/.bashrc');

  for (const shell of shells)
    completion
      .command(shell)
      .description(`the script for ${shell}`)
      .action(
        act(() => {
          const script = readFileSync(join(assetsFolder, 'completions', `maestro.${shell}`), 'utf8');
          return Promise.resolve({ data: { shell, script }, text: script });
        }),
      );

  completion
    .command('suggest')
    .description('what may stand at the end of a command line (the scripts ask this)')
    .argument('[words...]', 'what has been typed, behind --')
    .action(
      act((_invocation, words: string[]) => {
        const suggestions = suggest(program, words);
        const lines = suggestions.map(({ value, description }) => `${value}\t${description}`);
        return Promise.resolve({ data: suggestions, text: lines.join('\n') });
      }),
    );
};
