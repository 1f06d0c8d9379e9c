// The process: configuration, start, signals, exit code.
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig, type Config } from './config.ts';
import { asError, MaestroError } from './domain/errors.ts';
import { startMaestro, type Maestro } from './maestro.ts';
import { systemClock } from './platform/clock.ts';
import { createLogger } from './platform/logger.ts';
import { makeFolder } from './storage/make-folder.ts';
import { newIdFrom } from './platform/new-id.ts';

/** Starts the server and stays until a signal ends it. What prevents the start is told in a sentence, exit code 1. */
export async function main(): Promise<void> {
  let maestro: Maestro;
  try {
    const config = readConfig(process.env);
    const log = openLog(config);
    maestro = await startMaestro({ config, clock: systemClock, newId: newIdFrom(systemClock), log });
    leaveToken(config, maestro.serverUrl);
    log.info({ dataDir: config.dataDir }, `Maestro listens on ${maestro.url}`);
    process.on('unhandledRejection', (reason) =>
      log.error({ err: asError(reason) }, 'an unhandled rejection'),
    );
  } catch (error) {
    const code = error instanceof MaestroError ? `${error.code}: ` : '';
    process.stderr.write(`maestro could not start. ${code}${asError(error).message}\n`);
    process.exitCode = 1;
    return;
  }
  await stopOnSignal(maestro);
}

/** @throws MaestroError CONFIG_ERROR when the file cannot be written. */
function openLog({ log }: Config): ReturnType<typeof createLogger> {
  try {
    if (log.file !== null) makeFolder(dirname(log.file));
    return createLogger(log);
  } catch (error) {
    const message = `LOG_FILE is "${log.file ?? ''}", which cannot be written: ${asError(error).message}`;
    throw new MaestroError('CONFIG_ERROR', message, undefined, { cause: error });
  }
}

/** The first signal stops in order, within five seconds; a second one ends the process at once. */
async function stopOnSignal(maestro: Maestro): Promise<void> {
  await new Promise<void>((resolve) => {
    let signals = 0;
    const onSignal = (): void => {
      signals += 1;
      if (signals > 1) process.exit(1);
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
  await maestro.close();
  process.exit(0);
}

/** Where our own CLI finds the token; it is sent only to the server that wrote it. */
function leaveToken({ token }: Config, serverUrl: string): void {
  if (token === null) return;
  const folder = join(homedir(), '.maestro');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'token'), `${JSON.stringify({ url: serverUrl, token })}\n`, { mode: 0o600 });
}

const startedAs = process.argv[1];
if (startedAs !== undefined && realpathSync(startedAs) === fileURLToPath(import.meta.url)) await main();
