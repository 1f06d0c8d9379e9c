// Options that take one of a few words.
import { Option } from 'commander';

/**
 * @param words what it may be: help and completion show them, anything else is refused with their list
 * @param oldWords what older prompts and scripts say, and what it is called now
 */
export function wordOption(
  flags: string,
  description: string,
  words: readonly string[],
  oldWords: Readonly<Record<string, string>> = {},
): Option {
  const option = new Option(flags, description).choices(words);
  const judge = option.parseArg;
  return option.argParser((given: string, previous: string) => {
    const word = Object.hasOwn(oldWords, given) ? (oldWords[given] ?? given) : given;
    judge?.(word, previous);
    return word;
  });
}
