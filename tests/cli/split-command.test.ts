import { describe, expect, it } from 'vitest';
import { splitCommand } from '../../src/cli/agent/split-command.ts';

describe('a command line as words', () => {
  it.each<[line: string, words: string[]]>([
    ['maestro worker init', ['maestro', 'worker', 'init']],
    ['  a \t b  ', ['a', 'b']],
    ["a 'b c' d", ['a', 'b c', 'd']],
    ['a "b c" d', ['a', 'b c', 'd']],
    ['a "say \\"no\\" \\\\ \\n"', ['a', 'say "no" \\ \\n']],
    ["a 'b\\'", ['a', 'b\\']],
    ['a b\\ c \\"', ['a', 'b c', '"']],
    ['a --x="b c"d', ['a', '--x=b cd']],
    [`a '' ""`, ['a', '', '']],
    ['a $HOME `id` $(id) ; b | c > d *', ['a', '$HOME', '`id`', '$(id)', ';', 'b', '|', 'c', '>', 'd', '*']],
    ['a "b\nc"', ['a', 'b\nc']],
  ])('reads %j as %j', (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });

  it.each(['a "b', "a 'b", 'a b\\'])('refuses %j, where something is not closed', (line) => {
    expect(() => splitCommand(line)).toThrow(/not closed/);
  });

  it.each(['', '   '])('refuses %j, which is no command', (line) => {
    expect(() => splitCommand(line)).toThrow(/empty/);
  });
});
