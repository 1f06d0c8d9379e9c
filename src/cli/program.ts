// From the words of a command line to an exit code. Only the group that is called is loaded: start-up time matters,
// since the server runs `maestro manifest generate` for every spawn.
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../platform/package.ts';
import { isDebugging } from './environment.ts';
import { asCliError, exitCodes } from './errors.ts';
import { groups, isNeeded } from './groups.ts';
import { actWith } from './invocation.ts';
import { createOutput, type Output } from './output.ts';

/**
 * Runs one command and prints what came of it.
 * @param words the arguments, without node and script
 * @returns the exit code
 */
export async function runCli(words: readonly string[]): Promise<number> {
  const { json, operands } = glance(words);
  const output = createOutput({ json, debug: isDebugging() });
  let exitCode: number = exitCodes.ok;
  const help: string[] = [];
  const program = programFor(json, help);
  try {
    const act = actWith(output, (code) => (exitCode = code));
    const called = operands[0] === 'help' ? operands[1] : operands[0];
    for (const group of groups) {
      if (isNeeded(group, called)) (await group.load())(program, act);
      else
        for (const [name, description] of Object.entries(group.words))
          program.command(name).description(description);
    }
    await program.parseAsync(words, { from: 'user' });
  } catch (thrown) {
    exitCode = concluded(thrown, output, help);
  }
  return exitCode;
}

/** The global options and the words between them, before anything is loaded. */
function glance(words: readonly string[]): { json: boolean; operands: string[] } {
  const scout = withSharedOptions(new Command());
  const { operands } = scout.parseOptions([...words]);
  return { json: scout.opts<{ json?: boolean }>().json === true, operands };
}

/** @param help takes what --help and -V print, when stdout is for one object only */
function programFor(json: boolean, help: string[]): Command {
  const ignore = () => undefined;
  return withSharedOptions(new Command('maestro'))
    .version(packageVersion, '-V, --version')
    .description('Coordinates coding agents: projects, tasks, sessions and queues, on a Maestro server.')
    .exitOverride()
    .configureOutput({
      // Errors are printed once, by us.
      outputError: ignore,
      ...(json && { writeOut: (text: string) => help.push(text), writeErr: ignore }),
    });
}

const withSharedOptions = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object')
    .option('--server <url>', 'URL of the server')
    .option('--project <id>', 'the project');

/** Prints an error, or what asked for help and version is thrown for. */
function concluded(thrown: unknown, output: Output, help: readonly string[]): number {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) {
    if (output.json) output.success({ data: { text: help.join('') }, text: '' });
    return exitCodes.ok;
  }
  // `maestro task` has printed its help already.
  if (thrown instanceof CommanderError && thrown.code === 'commander.help' && !output.json)
    return exitCodes.general;
  const error = asCliError(thrown);
  output.failure(error);
  return error.exitCode;
}
