// Runs each agent in a tmux window of its own, for people to look at and type into, with a copy of its output in the log.
// A window whose agent has ended stays until a host has seen how: also over a restart of the host.
import { delimiter } from 'node:path';
import { binFolder } from '../../platform/package.ts';
import { markOf } from './process-mark.ts';
import type { Launch, Runner } from './runner.ts';
import { literal, tmux, unexpanded } from './tmux.ts';

/** @param socket of the tmux server that the host runs in */
export const createTmuxRunner = (socket: string): Runner => ({
  async start(launch, begun) {
    // A placeholder first: the window must keep what ends at once, and the log must have its first word.
    const placed = ['-d', '-P', '-F', '#{pane_id}', '-n', nameOf(launch)];
    const pane = await tmux(socket, 'new-window', ...placed, '--', 'sleep', '60');
    try {
      await tmux(socket, 'set-option', '-w', '-t', pane, 'remain-on-exit', 'on');
      const pid = await tmux(
        socket,
        ...['respawn-pane', '-k', '-t', pane, '-c', literal(unexpanded(launch.folder))],
        ...variablesFor(launch).flatMap((pair) => ['-e', literal(pair)]),
        ...['--', ...wordsFor(launch).map(literal)],
        ...[';', 'pipe-pane', '-t', pane, copyTo(launch.log)],
        ...[';', 'display-message', '-p', '-t', pane, '#{pane_pid}'],
      );
      begun({ process: markOf(Number(pid)), tmux: { socket, pane } });
    } catch (thrown) {
      await tmux(socket, 'kill-pane', '-t', pane).catch(() => undefined);
      throw thrown;
    }
  },
});

/** The socket in `$TMUX` (`socket,pid,session`); undefined outside of tmux. */
export const tmuxSocket = (value = process.env['TMUX']): string | undefined =>
  value?.replace(/,\d+,\d+$/, '') || undefined;

/** What tells sessions apart is the end of their ids. */
const nameOf = ({ sessionId }: Launch): string => `agent-${sessionId.slice(-8)}`;

/** tmux gives a single word to a shell. */
const wordsFor = ({ words }: Launch): readonly string[] => (words.length === 1 ? ['env', ...words] : words);

/**
 * A window has tmux's own environment: what the user has told this host goes there too, but the token, which others on
 * this machine could read in the list of processes.
 */
function variablesFor({ variables }: Launch): string[] {
  const told = Object.entries(process.env).filter(
    ([name]) => name.startsWith('MAESTRO_') && name !== 'MAESTRO_TOKEN',
  );
  const path = [binFolder, process.env['PATH'] ?? ''].filter((part) => part !== '').join(delimiter);
  const all: Record<string, string> = { ...Object.fromEntries(told), ...variables, PATH: path };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}

/** tmux runs this in a shell, after filling in `#` and `%`; single quotes keep the path as it is. */
const copyTo = (log: string): string =>
  literal(`umask 077; exec cat >> ${unexpanded(`'${log.replaceAll("'", `'\\''`)}'`).replaceAll('%', '%%')}`);
