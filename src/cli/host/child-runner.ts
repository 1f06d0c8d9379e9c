// Runs agents as children of the host, each the leader of a process group of its own, with its output in a file: they go
// on when the host ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asError } from '../../domain/errors.ts';
import { Id } from '../../domain/ids.ts';
import { ownCli } from '../../platform/package.ts';
import { childEnvironment } from '../agent/child-environment.ts';
import type { AgentEnd } from '../agent/launch.ts';
import { splitCommand } from '../agent/split-command.ts';
import { CliError } from '../errors.ts';
import type { Runner, RunningAgent, SpawnData } from './runner.ts';

/** @param sessionDir for the logs of spawns that do not say where sessions have their folders */
export const createChildRunner = (sessionDir: string): Runner => ({
  start: (order) => startChild(order, sessionDir),
});

async function startChild(order: SpawnData, sessionDir: string): Promise<RunningAgent> {
  const [command, ...args] = argumentsOf(order.command);
  const folder = resolve(order.cwd);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw notStarted(`the working directory ${folder} is not there`);

  const log = await logOf(order, sessionDir);
  const file = await open(log, 'a', 0o600).catch((cause: unknown) => {
    throw notStarted(`its log cannot be written: ${asError(cause).message}`);
  });
  try {
    const child = spawn(command, args, {
      cwd: folder,
      env: childEnvironment(order.envVars),
      detached: true,
      stdio: ['ignore', file.fd, file.fd],
    });
    const ended = new Promise<AgentEnd>((settle) => {
      child.once('exit', (code, signal) =>
        settle(signal === null ? { how: 'exited', code: code ?? 1 } : { how: 'killed', signal }),
      );
    });
    await once(child, 'spawn').catch((cause: unknown) => {
      throw notStarted(`${command}: ${asError(cause).message}`);
    });
    child.unref();
    const { pid = 0 } = child;
    return { place: `process ${pid}`, log, ended, kill: () => killGroup(pid) };
  } finally {
    await file.close();
  }
}

/** `maestro` is this package's own, whatever else is called so on the PATH. */
function argumentsOf(line: string): [command: string, ...args: string[]] {
  const [command, ...args] = splitCommand(line);
  return command === 'maestro' ? [process.execPath, ownCli, ...args] : [command, ...args];
}

async function logOf({ session: { id }, envVars }: SpawnData, sessionDir: string): Promise<string> {
  if (!Id.safeParse(id).success) throw notStarted(`${JSON.stringify(id)} is no id of a session`);
  const folder = join(envVars['SESSION_DIR'] ?? sessionDir, id);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw notStarted(`its folder cannot be made: ${asError(cause).message}`);
  });
  return join(folder, 'agent.log');
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it ended in the meantime. EPERM: only zombies are left.
  }
}

const notStarted = (message: string): CliError => new CliError('AGENT_NOT_STARTED', message);
