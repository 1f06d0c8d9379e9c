// A command line as words, without a shell: nothing in it is expanded, joined or run on the way.
import { usageError } from '../errors.ts';

/**
 * The words of a command line, by the shell's rules of quoting and nothing else of it: words are parted by white space;
 * what stands in single quotes is taken as it is; in double quotes a backslash takes `"` and `\` as they are; outside of
 * quotes a backslash takes any character as it is.
 * @throws CliError USAGE_ERROR for a quote that is not closed, and for no word at all
 */
export function splitCommand(line: string): [command: string, ...args: string[]] {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+)/y;
  const end = line.trimEnd();
  while (pattern.lastIndex < end.length) {
    const found = pattern.exec(end);
    if (!found?.[1]) throw usageError(`a quote is not closed in: ${line}`);
    words.push(unquoted(found[1]));
  }
  const [command, ...args] = words;
  if (command === undefined) throw usageError('the command is empty');
  return [command, ...args];
}

const unquoted = (word: string): string =>
  word.replace(
    /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? '',
  );
