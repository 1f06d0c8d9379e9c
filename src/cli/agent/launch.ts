// Runs the agent of a session in this terminal, to its end.
import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { constants } from 'node:os';

export interface Launch {
  command: string;
  args: readonly string[];
  /** The working directory. */
  folder: string;
  environment: NodeJS.ProcessEnv;
}

export type AgentEnd =
  | { how: 'exited'; code: number }
  | { how: 'killed'; signal: NodeJS.Signals }
  | { how: 'notStarted'; message: string };

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts it with the terminal handed over, passes signals on, and tells how it ended. */
export async function runAgent({ command, args, folder, environment }: Launch): Promise<AgentEnd> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return { how: 'notStarted', message: `its working directory ${folder} is not there` };

  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: folder, env: environment, stdio: 'inherit' });
    const pass = (signal: NodeJS.Signals) => {
      // A terminal gives Ctrl-C to the agent by itself; twice would be another order.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const finish = (end: AgentEnd) => {
      // The others stay held: what hangs up on the agent must not keep us from reporting its end.
      process.off('SIGINT', pass);
      resolve(end);
    };
    for (const signal of forwarded) process.on(signal, pass);
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no such command' : error.message;
      finish({ how: 'notStarted', message: `${command}: ${why}` });
    });
    child.once('exit', (code, signal) =>
      finish(signal === null ? { how: 'exited', code: code ?? 1 } : { how: 'killed', signal }),
    );
  });
}

/** The exit code that a shell would give. */
export const exitCodeOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];
