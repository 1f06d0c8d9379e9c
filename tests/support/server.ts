// The real server for tests: in this process with real sockets and files, or built and as a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { startMaestro, type Maestro } from '../../src/maestro.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { newIdFrom } from '../../src/platform/new-id.ts';
import { Api } from './api.ts';
import { temporaryFolder } from './folder.ts';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

export type Environment = Record<string, string>;

const environmentIn = (folder: string): Environment => ({
  PORT: '0',
  DATA_DIR: join(folder, 'data'),
  SESSION_DIR: join(folder, 'sessions'),
  SKILLS_DIR: join(folder, 'skills'),
  MANIFEST_GENERATOR: 'server',
  LOG_LEVEL: 'error',
  NODE_ENV: 'test',
});

export interface TestServer {
  maestro: Maestro;
  api: Api;
  folder: string;
  /** Stops in order and starts again on the same data. */
  restart: (more?: Environment) => Promise<TestServer>;
}

/** The server in this process, on data of its own. Manifests are made in the process unless the environment says else. */
export async function startServer(more: Environment = {}, folder = temporaryFolder()): Promise<TestServer> {
  const maestro = await startIn(folder, more);
  onTestFinished(() => maestro.close());
  const restart = async (changed: Environment = {}): Promise<TestServer> => {
    await maestro.close();
    return startServer({ ...more, ...changed }, folder);
  };
  return { maestro, api: new Api(byAddress(maestro.url)), folder, restart };
}

/** The same for whoever closes it by himself. */
export function startIn(folder: string, more: Environment = {}): Promise<Maestro> {
  const config = readConfig({ ...environmentIn(folder), ...more });
  const log = createLogger(config.log);
  return startMaestro({ config, clock: systemClock, newId: newIdFrom(systemClock), log });
}

export interface ServerProcess {
  child: ChildProcess;
  api: Api;
  folder: string;
  /** Where it listens, as it says. */
  printedUrl: string;
  /** What it printed so far. */
  output: () => string;
  /** Ends it at once, as a crash would. */
  kill: () => Promise<void>;
  /** SIGTERM; its exit code. */
  stop: () => Promise<number | null>;
}

/** One of the two addresses of `localhost`: requests that are sent at once then keep their order. */
const byAddress = (url: string): string => url.replace('//localhost:', '//127.0.0.1:');

const START_LIMIT_MS = 10_000;

/** The built server under plain `node`, killed when the test is over. @throws with its output when it does not listen. */
export async function startProcess(
  more: Environment = {},
  folder = temporaryFolder(),
): Promise<ServerProcess> {
  const server = await spawnServer(more, folder);
  onTestFinished(server.kill);
  return server;
}

/** The same for whoever kills it by himself. */
export async function spawnServer(more: Environment, folder: string): Promise<ServerProcess> {
  const child = spawn(process.execPath, [join(repository, 'dist/main.js')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      ...environmentIn(folder),
      LOG_LEVEL: 'info',
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (data: Buffer): void => {
    output += data.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  };
  const url = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not listen: ${output}`));
    }, START_LIMIT_MS);
    const look = (): void => {
      const found = /listens on (http:[^\s"]+)/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(limit);
      resolve(found);
    };
    child.stdout.on('data', look);
    void exited.then(() => {
      clearTimeout(limit);
      reject(new Error(`the server ended: ${output}`));
    });
  });
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return exited;
  };
  return { child, api: new Api(byAddress(url)), printedUrl: url, folder, output: () => output, kill, stop };
}
