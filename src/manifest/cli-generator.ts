// MANIFEST_GENERATOR=cli: a child process, `maestro manifest generate`, writes the manifest; the server checks it and
// sets in it what the CLI has no flag for. At most `concurrency` run at once, the rest wait their turn.
import { access } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import PQueue from 'p-queue';
import { assertNever, type MaestroError } from '../domain/errors.ts';
import { completeManifest } from './complete.ts';
import { asManifestFailure, manifestFailure } from './failure.ts';
import type { ManifestGenerator, ManifestOrder } from './generator.ts';
import { prepareManifestFile, readManifestFile, writeManifestFile } from './manifest-file.ts';
import { runGroup, type RunEnd } from './run-group.ts';
import { parseWrittenManifest } from './written.ts';

export interface CliGeneratorOptions {
  /** A path, or a name to be found on `environment.PATH`. A .js, .mjs or .cjs is run with this process's own Node. */
  cliPath: string;
  dataDir: string;
  sessionDir: string;
  serverUrl: string;
  /** For one run, without the time it waited for its turn. */
  timeoutMs: number;
  concurrency: number;
  environment: NodeJS.ProcessEnv;
}

/** How much of the CLI's last words a message holds. */
const toldCharacters = 2000;

export function createCliGenerator(options: CliGeneratorOptions): ManifestGenerator {
  const slots = new PQueue({ concurrency: options.concurrency });

  /** Runs the CLI when its turn has come. The slot is for the process: what is done with its manifest takes none. */
  async function runInTurn(order: ManifestOrder, signal: AbortSignal): Promise<void> {
    // p-queue would free the slot at the abort, with the child still dying in it. So its signal ends with the wait.
    const waiting = new AbortController();
    const leave = () => waiting.abort(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    const run = async () => {
      signal.removeEventListener('abort', leave);
      await prepareManifestFile(order.path);
      signal.throwIfAborted();
      await runCli(order, signal, options);
    };
    await slots.add(run, { signal: waiting.signal });
  }

  return {
    async generate(order, signal) {
      signal.throwIfAborted();
      try {
        await runInTurn(order, signal);
        const manifest = parseWrittenManifest(await readManifestFile(order.path));
        signal.throwIfAborted();
        await writeManifestFile(order.path, completeManifest(manifest, order));
        signal.throwIfAborted();
      } catch (thrown) {
        signal.throwIfAborted();
        throw asManifestFailure(thrown);
      }
    },
  };
}

async function runCli(
  order: ManifestOrder,
  signal: AbortSignal,
  options: CliGeneratorOptions,
): Promise<void> {
  const [command, ...before] = await commandOf(options.cliPath);
  const end = await runGroup(command, [...before, ...argumentsOf(order)], {
    cwd: dirname(order.path),
    env: {
      ...options.environment,
      DATA_DIR: options.dataDir,
      SESSION_DIR: options.sessionDir,
      MAESTRO_SERVER_URL: options.serverUrl,
      MAESTRO_API_URL: options.serverUrl,
      MAESTRO_SESSION_ID: order.sessionId,
    },
    timeoutMs: options.timeoutMs,
    signal,
  });
  if (end.how !== 'exited' || end.code !== 0) throw failureOf(end, options);
}

/** The CLI runs in another folder, so a path is made absolute here; a bare name is left to PATH. */
async function commandOf(cliPath: string): Promise<[command: string, ...before: string[]]> {
  if (!['.js', '.mjs', '.cjs'].includes(extname(cliPath))) {
    return [cliPath.includes('/') ? resolve(cliPath) : cliPath];
  }
  const script = resolve(cliPath);
  await access(script).catch((cause: unknown) => {
    throw notFound(cliPath, cause);
  });
  return [process.execPath, script];
}

/** No other flags: the CLI in use refuses them. It would read missing `--skills` as maestro-worker. */
const argumentsOf = (order: ManifestOrder): string[] => [
  'manifest',
  'generate',
  '--role',
  order.role,
  '--project-id',
  order.project.id,
  '--task-ids',
  order.tasks.map((task) => task.id).join(','),
  '--skills',
  order.skills.filter((skill) => skill !== '').join(','),
  '--strategy',
  order.strategy === 'queue' ? 'queue' : 'simple',
  '--output',
  order.path,
];

function failureOf(end: RunEnd & { output: string }, options: CliGeneratorOptions): MaestroError {
  const lastWords = stripVTControlCharacters(end.output.slice(-4 * toldCharacters)).slice(-toldCharacters);
  const said = lastWords === '' ? ', without a word' : `: ${lastWords}`;
  switch (end.how) {
    case 'exited':
      return manifestFailure(`the maestro CLI exited with code ${end.code}${said}`);
    case 'killed':
      return manifestFailure(`the maestro CLI was ended by ${end.by}${said}`);
    case 'timedOut':
      return manifestFailure(
        `the maestro CLI took longer than ${options.timeoutMs} ms and was ended; MANIFEST_TIMEOUT_MS sets this limit`,
      );
    case 'notStarted':
      if (end.error.code === 'ENOENT') return notFound(options.cliPath, end.error);
      return manifestFailure(
        `the maestro CLI at ${options.cliPath} cannot be started (${end.error.message}); set MAESTRO_CLI_PATH to one that can`,
        { cause: end.error },
      );
    default:
      return assertNever(end);
  }
}

const notFound = (cliPath: string, cause: unknown): MaestroError =>
  manifestFailure(
    `maestro CLI not found. "${cliPath}" is not there: install it with "npm install -g maestro-server", or set MAESTRO_CLI_PATH to where it is.`,
    { cause },
  );
