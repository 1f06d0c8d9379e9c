// The composition root: opens storage, records, actors, http in order; closes them in reverse. No logic.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Directory } from './actors/directory.ts';
import type { ServerFacts } from './actors/announcement.ts';
import { Effects } from './actors/effects.ts';
import { provideEffects } from './actors/provide.ts';
import { interruptQueue } from './actors/queue-moves.ts';
import { Spawns } from './actors/spawns.ts';
import { defaultTemplates } from './catalog/default-templates.ts';
import { ensureDefaults } from './catalog/templates.ts';
import type { Config } from './config.ts';
import type { Clock } from './domain/clock.ts';
import { MaestroError } from './domain/errors.ts';
import type { NewId } from './domain/ids.ts';
import { createApp } from './http/app.ts';
import type { HttpContext } from './http/context.ts';
import { Guard } from './http/guard.ts';
import { Idempotency } from './http/idempotency.ts';
import { listen, type Listening } from './http/listen.ts';
import { spawnAnswer } from './http/spawns.ts';
import { sessionView } from './http/views.ts';
import { Hub } from './http/websocket.ts';
import { createCliGenerator } from './manifest/cli-generator.ts';
import type { ManifestGenerator } from './manifest/generator.ts';
import { createServerGenerator } from './manifest/server-generator.ts';
import type { createLogger } from './platform/logger.ts';
import { assetsFolder, binFolder, packageVersion } from './platform/package.ts';
import { repairRelations } from './records/repair.ts';
import { Records } from './records/records.ts';
import { FileStorage } from './storage/file-storage.ts';

const SWEEP_MS = 60 * 60 * 1000;
/** A stop takes at most five seconds: running requests, then child processes, then files. */
const REQUESTS_LIMIT_MS = 500;
const EFFECTS_LIMIT_MS = 1_500;
const FLUSH_LIMIT_MS = 2_500;

export interface MaestroOptions {
  config: Config;
  clock: Clock;
  newId: NewId;
  log: ReturnType<typeof createLogger>;
}

export interface Maestro {
  /** Where it listens. */
  url: string;
  close(): Promise<void>;
}

/** @throws MaestroError when the folder or the port is taken, an Error when the data cannot be opened. */
export async function startMaestro({ config, clock, newId, log }: MaestroOptions): Promise<Maestro> {
  const startedAt = clock.now();
  const stopping = new AbortController();
  const storage = new FileStorage({ folder: config.dataDir, onProblem: (problem) => log.error(problem) });
  await storage.open();
  try {
    const loaded = storage.load();
    for (const problem of loaded.problems) log.error(problem);
    const records = new Records({ storage, clock, newId }, loaded);
    const mended = await records.turn((turn) => {
      ensureDefaults(turn, defaultTemplates(assetsFolder));
      const taskIds = loaded.records.task.map(({ id }) => id);
      return repairRelations(turn, { taskIds, sessionIds: loaded.records.session.map(({ id }) => id) });
    });
    for (const sentence of mended) log.warn(sentence);

    // The port is known only when it is listened on, and what sessions are told depends on it.
    const facts: ServerFacts = { serverUrl: '', dataDir: config.dataDir, sessionDir: config.sessionDir };
    const onFault = (sessionId: string, fault: Error): void =>
      log.error({ err: fault, sessionId }, 'a session had a fault');
    const provided = provideEffects(() => effects);
    const directory = new Directory({
      records,
      machines: provided.machines,
      facts,
      onEnd: interruptQueue,
      onFault,
    });
    const effects: Effects = new Effects({
      records,
      clock,
      facts,
      generator: createGenerator(config, facts),
      spawnDeadlineMs: config.spawnDeadlineMs,
      onFault,
      tell: (id, command) =>
        directory.find(id).tell((turn, session) => {
          // A result that came too late: the session has moved on.
          if (session.can(command(turn.at))) session.move(turn, command(turn.at));
        }),
    });
    const spawns = new Spawns({ records, directory, stopping: stopping.signal });
    const idempotency = new Idempotency(records, async ({ id, shape }) => {
      const session = records.get('session', id);
      if (!session) throw new MaestroError('SESSION_NOT_FOUND', `Session ${id} not found`, { sessionId: id });
      return shape === 'spawn' ? spawnAnswer(await spawns.outcome(session), records) : sessionView(session);
    });
    const context: HttpContext = {
      records,
      directory,
      spawns,
      idempotency,
      spawnDeadlineMs: config.spawnDeadlineMs,
      removeSessionFolder: (id) => rm(join(config.sessionDir, id), { recursive: true, force: true }),
      readManifest: async (path) => JSON.parse(await readFile(path, 'utf8')) as unknown,
    };

    const web = await openWeb({ config, context, directory, log, clock, newId, startedAt, facts });
    directory.wakeAll();
    const sweep = setInterval(
      () => void idempotency.sweep().catch((error: unknown) => log.warn({ err: error }, 'sweep')),
      SWEEP_MS,
    );
    sweep.unref();

    const url = `http://127.0.0.1:${web.listening.port}`;
    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      clearInterval(sweep);
      stopping.abort(new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping'));
      await web.listening.close(REQUESTS_LIMIT_MS);
      directory.close();
      await within(EFFECTS_LIMIT_MS, provided.settled());
      web.hub.close();
      await storage.close(FLUSH_LIMIT_MS);
      web.hub.terminate();
    };
    return { url, close: () => (closing ??= close()) };
  } catch (error) {
    await storage.close(0);
    throw error;
  }
}

interface WebOptions extends MaestroOptions {
  context: HttpContext;
  directory: Directory;
  startedAt: number;
  /** Its serverUrl is filled in here. */
  facts: ServerFacts;
}

async function openWeb(options: WebOptions): Promise<{ hub: Hub; listening: Listening }> {
  const { config, context, directory, log, clock, newId, startedAt, facts } = options;
  const { records } = context;
  // Nothing can be asked before the handlers stand; they are made as soon as the port is known.
  let onRequest: Parameters<typeof listen>[2] = (_request, response) => response.writeHead(503).end();
  let onUpgrade: Parameters<typeof listen>[3] = (_request, socket) => socket.destroy();
  const listening = await listen(
    config.host,
    config.port,
    (request, response) => onRequest(request, response),
    (request, socket, head) => onUpgrade(request, socket, head),
  );
  facts.serverUrl = config.serverUrl ?? `http://localhost:${listening.port}`;
  const guard = new Guard({ serverUrl: facts.serverUrl, cors: config.cors, token: config.token });
  const hub = new Hub({ records, clock, guard, debug: (message) => log.debug(message) });
  const health = { records, directory, hub, version: packageVersion, now: () => clock.now(), startedAt };
  onRequest = createApp({ context, guard, health, log, newRequestId: () => newId('evt') });
  onUpgrade = (request, socket, head) => hub.upgrade(request, socket, head);
  return { hub, listening };
}

/** The package's own `maestro` comes first on the PATH of the CLI that makes manifests. */
function createGenerator(config: Config, facts: ServerFacts): ManifestGenerator {
  if (config.manifest.generator === 'server') return createServerGenerator();
  let generator: ManifestGenerator | null = null;
  const environment = { ...process.env, PATH: `${binFolder}:${process.env['PATH'] ?? ''}` };
  const make = (): ManifestGenerator => createCliGenerator({ ...config.manifest, ...facts, environment });
  return { generate: (order, signal) => (generator ??= make()).generate(order, signal) };
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
