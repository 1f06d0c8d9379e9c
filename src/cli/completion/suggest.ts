// What may stand at the end of a command line, read from the commands themselves.
import type { Argument, Command, Option } from 'commander';

export interface Suggestion {
  value: string;
  /** One line; empty where the value says it all. */
  description: string;
}

/**
 * @param program with all of its commands
 * @param words what has been typed behind `maestro`; the last one, which may be empty, is being completed
 * @returns in the order of the help; empty where anything may stand, a file's name included
 */
export function suggest(program: Command, words: readonly string[]): Suggestion[] {
  const current = words.at(-1) ?? '';
  const { command, options, operands, open } = placeOf(program, words.slice(0, -1));
  const [, flag, begun] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  const assigned = flag === undefined ? undefined : options.find((option) => option.long === flag);

  if (open) return beginning(current, choicesOf(open));
  if (assigned)
    return beginning(begun ?? '', choicesOf(assigned)).map((each) => ({
      ...each,
      value: `${flag}=${each.value}`,
    }));
  if (current.startsWith('-')) return beginning(current, options.flatMap(flagOf));
  const argument = command.registeredArguments[operands];
  return beginning(current, [
    ...(operands === 0 ? commandsOf(command) : []),
    ...(argument ? choicesOf(argument) : []),
  ]);
}

interface Place {
  /** The innermost command that was named. */
  command: Command;
  /** Its own and those of the commands around it. */
  options: readonly Option[];
  /** How many words stand behind the command that are no options. */
  operands: number;
  /** An option that still waits for its value. */
  open: Option | undefined;
}

function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let options = visibleOptions(program);
  let operands = 0;
  let open: Option | undefined;
  for (const word of words) {
    if (open) {
      open = undefined;
      continue;
    }
    const option = options.find(({ long, short }) => word === long || word === short);
    if (option) {
      open = option.required || option.optional ? option : undefined;
      continue;
    }
    if (word.startsWith('-')) continue;
    const below = operands === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (below) {
      command = below;
      options = [...visibleOptions(below), ...options];
    } else operands += 1;
  }
  return { command, options, operands, open };
}

const visibleOptions = (command: Command): Option[] => command.createHelp().visibleOptions(command);

const flagOf = ({ long, description }: Option): Suggestion[] =>
  long === undefined ? [] : [{ value: long, description: firstLine(description) }];

const choicesOf = ({ argChoices = [] }: Option | Argument): Suggestion[] =>
  argChoices.map((value) => ({ value, description: '' }));

const commandsOf = (command: Command): Suggestion[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: firstLine(each.description()) }));

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** Each once: `--help` is known at every level. */
const beginning = (begun: string, all: readonly Suggestion[]): Suggestion[] => [
  ...new Map(all.filter(({ value }) => value.startsWith(begun)).map((each) => [each.value, each])).values(),
];
