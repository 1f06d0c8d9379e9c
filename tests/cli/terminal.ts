// The built `maestro` command in a real terminal, a window of tmux.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ownCli } from '../../src/platform/package.ts';
import { eventually } from './command.ts';
import { tmuxServer } from './tmux.ts';

interface Terminal {
  tmux: (...words: string[]) => string;
  /** What is on the screen. */
  screen: () => string;
  /** Waits until this is on the screen. */
  shows: (what: string | RegExp) => Promise<void>;
  press: (...keys: string[]) => void;
  write: (text: string) => void;
  /** The command's process. */
  pid: () => Promise<number>;
  /** Waits until it rests after Ctrl-Z and the terminal is as it was before; Enter wakes it again. */
  stopped: () => Promise<void>;
  /** Waits for its end; the exit code, once the terminal is as it was before. */
  ended: () => Promise<number>;
}

/** @param folder HOME of the command */
export function terminal(folder: string, environment: Record<string, string>, words: string[]): Terminal {
  const { tmux } = tmuxServer(folder);
  const given = { PATH: process.env['PATH'] ?? '', HOME: folder, TERM: 'screen-256color', ...environment };
  const pidFile = join(folder, 'pid');
  const command = [
    ...['env', '-i', ...Object.entries(given).map(([name, value]) => `${name}=${value}`)],
    ...['sh', '-c', `echo $$ > '${pidFile}'; exec "$@"`, 'sh', process.execPath, ownCli, ...words],
  ];
  // With job control, so that it can be stopped and go on.
  const script = `
    set -m; echo 'before it'
    ${command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}
    code=$?
    case $(kill -l $code 2> /dev/null) in *TSTP)
      echo "stopped"; stty -a; read line; fg > /dev/null; code=$? ;;
    esac
    echo "ended with $code"; stty -a; exec cat`;
  tmux('new-window', '-n', 'maestro', '--', 'sh', '-c', script);
  tmux('resize-window', '-t', ':maestro', '-x', '130', '-y', '40');
  const screen = () => tmux('capture-pane', '-p', '-J', '-t', ':maestro');
  const shows = async (what: string | RegExp) => {
    const isThere = () => (typeof what === 'string' ? screen().includes(what) : what.test(screen()));
    await eventually(isThere, screen);
  };
  const isAsBefore = () => {
    const text = screen();
    expect(text, 'the screen of before is back').toContain('before it');
    const settings = text.slice(text.lastIndexOf('speed '));
    expect(settings, 'lines are edited, and echoed').toMatch(/ icanon [^]* echo /);
    expect(tmux('display-message', '-p', '-t', ':maestro', '#{alternate_on} #{cursor_flag}')).toBe('0 1');
  };
  return {
    tmux,
    screen,
    shows,
    press: (...keys) => void tmux('send-keys', '-t', ':maestro', ...keys),
    write: (text) => void tmux('send-keys', '-t', ':maestro', '-l', text),
    pid: async () => Number(await eventually(() => readFile(pidFile, 'utf8').catch(() => undefined))),
    stopped: async () => {
      await shows(/stopped\n[^]*echoke/);
      isAsBefore();
    },
    ended: async () => {
      await shows(/ended with \d+\n[^]*echoke/);
      isAsBefore();
      return Number(/ended with (\d+)/.exec(screen())?.[1]);
    },
  };
}
