// A spawn's order, made ready to be started on this machine.
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asError } from '../../domain/errors.ts';
import { Id } from '../../domain/ids.ts';
import { ownCli } from '../../platform/package.ts';
import { splitCommand } from '../agent/split-command.ts';
import { CliError } from '../errors.ts';
import type { SessionPlace } from './agent-record.ts';
import type { Launch, SpawnData } from './runner.ts';

/** @throws CliError when it cannot be started here */
export async function launchFrom(order: SpawnData, place: SessionPlace): Promise<Launch> {
  const words = wordsOf(order.command);
  const folder = resolve(order.cwd);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw notStarted(`the working directory ${folder} is not there`);
  return {
    sessionId: place.id,
    words,
    folder,
    variables: order.envVars,
    log: join(await folderOf(place), 'agent.log'),
  };
}

export const notStarted = (message: string): CliError => new CliError('AGENT_NOT_STARTED', message);

/** `maestro` is this package's own, whatever else is called so on the PATH. */
function wordsOf(line: string): [command: string, ...args: string[]] {
  const [command, ...args] = splitCommand(line);
  return command === 'maestro' ? [process.execPath, ownCli, ...args] : [command, ...args];
}

async function folderOf({ id, sessionDir }: SessionPlace): Promise<string> {
  if (!Id.safeParse(id).success) throw notStarted(`${JSON.stringify(id)} is no id of a session`);
  const folder = resolve(sessionDir, id);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw notStarted(`its folder cannot be made: ${asError(cause).message}`);
  });
  return folder;
}
