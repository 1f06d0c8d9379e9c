// Completion in real shells. zsh and fish are left out on a machine without them; CI installs them, and there it is a
// failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binFolder } from '../../src/platform/package.ts';
import { temporaryFolder } from '../support/folder.ts';
import { commands } from './command.ts';

const quoted = (words: string[]): string => words.map((word) => `'${word}'`).join(' ');

interface Shell {
  /** Without the user's own files. */
  start: string[];
  /** Completes the last of the words and prints what was found, a line each. */
  script: (words: string[]) => string;
}

const shells: Record<string, Shell> = {
  bash: {
    start: ['bash', '--norc', '--noprofile', '-c'],
    script: (words) => `
      source <(maestro completion bash)
      COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}
      _maestro; printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  zsh: {
    start: ['zsh', '-f', '-c'],
    script: (words) => `
      autoload -U compinit; compinit -D
      source <(maestro completion zsh)
      _describe() { print -rl -- \${found%%:*} }; _files() { : }
      words=(${quoted(words)}); CURRENT=${words.length}
      _maestro`,
  },
  fish: {
    start: ['fish', '--no-config', '-c'],
    script: (words) => `
      maestro completion fish | source
      complete -C ${quoted([words.join(' ')])} | string replace -r '\\t.*' ''`,
  },
};

const isMissing = (shell: string): boolean =>
  spawnSync(shell, ['--version']).status !== 0 && process.env['CI'] !== 'true';

describe.each(Object.keys(shells))('completion in %s', (name) => {
  const shell = shells[name];
  const complete = (words: string[], folder = temporaryFolder()): string[] => {
    const [command = '', ...args] = shell?.start ?? [];
    const { stdout, stderr } = spawnSync(command, [...args, shell?.script(['maestro', ...words]) ?? ''], {
      cwd: folder,
      env: { PATH: `${binFolder}${delimiter}${process.env['PATH'] ?? ''}`, HOME: folder, TERM: 'dumb' },
      encoding: 'utf8',
      timeout: 50_000,
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  };

  it.skipIf(isMissing(name))('knows commands, options and the words that an option takes', () => {
    expect(complete(['tas'])).toEqual(['task']);
    expect(complete(['queue', 's']).sort()).toEqual(['skip', 'start', 'status']);
    expect(complete(['session', 'spawn', '--r']).sort()).toEqual(['--reason', '--role']);
    expect(complete(['task', 'update', 'task_1', '--status', '']).sort()).toEqual([
      'blocked',
      'cancelled',
      'completed',
      'in_progress',
      'todo',
    ]);
    expect(complete(['completion', '']).sort()).toEqual(['bash', 'fish', 'help', 'suggest', 'zsh']);
  });

  it.skipIf(isMissing(name))('evaluates nothing of what was typed', () => {
    const folder = temporaryFolder();
    complete(['report', 'progress', '$(touch seen)', '`touch seen`', '--ta'], folder);
    expect(existsSync(join(folder, 'seen'))).toBe(false);
  });
});

describe('maestro completion suggest', () => {
  const complete = async (...words: string[]): Promise<string[]> => {
    const { json } = await commands().run(['--json', 'completion', 'suggest', '--', ...words]);
    return json.data.map(({ value }: { value: string }) => value);
  };

  it('knows that the value of an option is no command, and that a value may stand behind =', async () => {
    expect(await complete('--project', 'task', 'que')).toEqual(['queue']);
    expect(await complete('session', 'spawn', '--role=w')).toEqual(['--role=worker']);
    expect(await complete('session', 'spawn', '--name', '')).toEqual([]);
  });

  it('offers no subcommand behind an operand, and an option of the program at every level once', async () => {
    expect(await complete('task', 'get', 'task_1', '')).toEqual([]);
    expect(await complete('task', 'get', '--he')).toEqual(['--help']);
    expect(await complete('task', 'get', '--js')).toEqual(['--json']);
  });
});
