// The process: configuration, start, signals, exit code.
import { basename, dirname } from 'node:path';
import { readConfig, type Config } from './config.ts';
import { asError, MaestroError } from './domain/errors.ts';
import { startMaestro, type Maestro } from './maestro.ts';
import { systemClock } from './platform/clock.ts';
import { releaseIdleMemory } from './platform/idle-memory.ts';
import { createLogger } from './platform/logger.ts';
import { newIdFrom } from './platform/new-id.ts';
import { addServer, newSecret, removeServers, tokenFile } from './platform/token-file.ts';
import { makeFolder } from './storage/make-folder.ts';

type Log = ReturnType<typeof createLogger>;

/**
 * Starts the server, stays until a signal ends it, and ends the process. What prevents the start is said in a sentence on
 * stderr, with exit code 1: nothing runs then.
 */
export async function main(): Promise<never> {
  const stopAsked = receiveSignals();
  ignoreClosedTerminal();
  let log: Log | undefined;
  let maestro: Maestro | undefined;
  try {
    const config = readConfig(process.env);
    log = openLog(config);
    const secret = newSecret();
    maestro = await startMaestro({ config, clock: systemClock, newId: newIdFrom(systemClock), log, secret });
    goOnAfterFaults(log);
    const forget = await announceToken(config, maestro, secret, log);
    releaseIdleMemory();
    log.info({ dataDir: config.dataDir }, `Maestro listens on ${maestro.url} (${maestro.addresses})`);
    await stopAsked;
    await Promise.all([maestro.close(), forget()]);
  } catch (error) {
    await fail(error, log, maestro);
  }
  process.exit();
}

/** A fault of the start, or of the stop. */
async function fail(error: unknown, log: Log | undefined, maestro: Maestro | undefined): Promise<void> {
  process.exitCode = 1;
  const code = error instanceof MaestroError ? `${error.code}: ` : '';
  const text = `${code}${asError(error).message}`;
  if (maestro === undefined) process.stderr.write(`maestro could not start. ${text}\n`);
  else log?.error({ err: asError(error) }, 'the server has a fault and stops');
  await maestro?.close().catch(() => undefined);
}

/** @throws MaestroError CONFIG_ERROR when the file cannot be written. */
function openLog({ log }: Config): Log {
  try {
    if (log.file !== null) makeFolder(dirname(log.file));
    return createLogger(log);
  } catch (error) {
    const message = `LOG_FILE is "${log.file ?? ''}", which cannot be written: ${asError(error).message}`;
    throw new MaestroError('CONFIG_ERROR', message, undefined, { cause: error });
  }
}

/**
 * Resolves with the first signal: the server stops in order, within five seconds, or as soon as it has started. A second
 * SIGINT or SIGTERM ends the process at once; SIGHUP comes twice from some terminals.
 */
function receiveSignals(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (): void => {
      isStopping = true;
      resolve();
    };
    const stopOrEnd = (): void => {
      if (isStopping) process.exit(1);
      stop();
    };
    process.on('SIGINT', stopOrEnd);
    process.on('SIGTERM', stopOrEnd);
    process.on('SIGHUP', startedByNohup() ? () => undefined : stop);
  });
}

/** `nohup` has SIGHUP ignored, but Node undoes that before any of our code runs. Shells name in `_` what they start. */
const startedByNohup = (): boolean => basename(process.env['_'] ?? '') === 'nohup';

/** The terminal may go while the server stays. In place of handlers of the `maestro` command, for which that is the end. */
function ignoreClosedTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
}

/**
 * A fault that nobody caught ends nobody's work. Records stay as they were: a change is one synchronous turn, and a turn
 * that throws is taken back.
 */
function goOnAfterFaults(log: Log): void {
  process.on('uncaughtException', (error) =>
    log.error({ err: asError(error) }, 'an exception that nobody caught; the server goes on'),
  );
  process.on('unhandledRejection', (reason) =>
    log.error({ err: asError(reason) }, 'a rejection that nobody handled; the server goes on'),
  );
}

/**
 * Leaves the token where our own command finds it. Without that file the server serves all the same: clients can be given
 * the token by MAESTRO_TOKEN.
 * @returns what takes the entry away again.
 */
async function announceToken(
  { token }: Config,
  { url }: Maestro,
  secret: string,
  log: Log,
): Promise<() => Promise<void>> {
  const path = tokenFile();
  const warn =
    (what: string) =>
    (error: unknown): void =>
      log.warn(`${what} ${path}: ${asError(error).message}`);
  if (token === null) {
    // One that a killed server left here would keep the command from this one, which cannot prove that it wrote it.
    await removeServers(path, (server) => server.url === url).catch(warn('an old entry is still in'));
    return () => Promise.resolve();
  }
  await addServer(path, { url, token, secret, startedAt: Date.now() }).catch(
    warn('the maestro command has to be given MAESTRO_TOKEN: it cannot be written to'),
  );
  return () =>
    removeServers(path, (server) => server.secret === secret).catch(
      warn('the entry of this server is still in'),
    );
}
