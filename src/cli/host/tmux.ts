// The `tmux` command: panes that run an agent, each in a window of its own.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { notStarted } from './launch.ts';
import { asError } from '../../domain/errors.ts';
import type { SeenEnd } from '../agent/end-report.ts';
import { constants } from 'node:os';

const limitMs = 10_000;
const mostOutput = 4 * 1024 * 1024;
const run = promisify(execFile);

/** @throws CliError with what tmux said */
export async function tmux(socket: string, ...words: string[]): Promise<string> {
  try {
    const { stdout } = await run('tmux', ['-S', socket, ...words], {
      timeout: limitMs,
      maxBuffer: mostOutput,
    });
    return stdout.trim();
  } catch (thrown) {
    throw notStarted(`tmux: ${asError(thrown).message}`);
  }
}

/** A word as tmux takes it for what it is: a `;` at its end would begin another command of tmux's. */
export const literal = (word: string): string => word.replace(/;$/, '\\;');

/** A text in which tmux would fill in `#{…}`. */
export const unexpanded = (text: string): string => text.replaceAll('#', '##');

/** How the process in a pane ended; null while it runs, undefined when there is no such pane. */
export async function endInPane(socket: string, pane: string): Promise<SeenEnd | null | undefined> {
  const format = '#{pane_id} #{pane_dead} #{pane_dead_status} #{pane_dead_signal}';
  const listed = await tmux(socket, 'list-panes', '-a', '-F', format).catch(() => '');
  const found = listed.split('\n').find((line) => line.startsWith(`${pane} `));
  if (found === undefined) return undefined;
  const [, isDead, status = '', signal = ''] = found.split(' ');
  if (isDead !== '1') return null;
  if (status !== '') return { how: 'exited', code: Number(status) };
  // Its terminal is closed, and tmux has not yet heard how it ended.
  if (signal === '') return null;
  return { how: 'killed', signal: signalNamed(signal) };
}

/** tmux tells a name without SIG, or a number. */
function signalNamed(told: string): NodeJS.Signals {
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][]; // its keys are the names
  const found = names.find(
    ([name, number]) => name === `SIG${told.toUpperCase()}` || String(number) === told,
  );
  return found?.[0] ?? 'SIGHUP';
}
