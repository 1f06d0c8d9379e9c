// A tmux server of the test's own: it never touches a user's. Tests are left out on a machine without tmux; CI installs
// it, and there it is a failure.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const isMissing = spawnSync('tmux', ['-V']).status !== 0 && process.env['CI'] !== 'true';

export interface TmuxServer {
  /** Runs one of its commands. */
  tmux: (...words: string[]) => string;
  /** What TMUX is for a process inside it. */
  variable: string;
}

/** One window, 100 columns wide, in which nothing happens. */
export function tmuxServer(folder: string): TmuxServer {
  const socket = join(folder, 'tmux.sock');
  const tmux = (...words: string[]): string => {
    return execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...words], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  };
  tmux('new-session', '-d', '-s', 'main', '-x', '100', '-y', '30', '--', 'cat');
  onTestFinished(() => {
    // At once: told to hang up, an agent's command would go on reporting that to a server that is gone.
    const pids = tmux('list-panes', '-a', '-F', '#{pane_pid}').split('\n');
    tmux('kill-server');
    for (const pid of pids) endGroup(Number(pid));
  });
  const variable = `${socket},${tmux('display-message', '-p', '#{pid}')},0`;
  return { tmux, variable };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it is gone.
  }
}
