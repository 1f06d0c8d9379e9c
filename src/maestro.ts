// The composition root: opens storage, records, actors, http in order; closes them in reverse. No logic.
import { delimiter, join } from 'node:path';
import { Directory } from './actors/directory.ts';
import type { ServerFacts } from './actors/announcement.ts';
import { Effects } from './actors/effects.ts';
import { Inspection } from './actors/inspection.ts';
import { provideEffects } from './actors/provide.ts';
import { interruptQueue } from './actors/queue-moves.ts';
import { Spawns } from './actors/spawns.ts';
import { defaultTemplates, type DefaultTemplate } from './catalog/default-templates.ts';
import { createSkills } from './catalog/skills.ts';
import { ensureDefaults } from './catalog/templates.ts';
import type { Config } from './config.ts';
import type { Clock } from './domain/clock.ts';
import { MaestroError } from './domain/errors.ts';
import type { Reference } from './domain/records.ts';
import type { NewId } from './domain/ids.ts';
import { createApp } from './http/app.ts';
import type { HttpContext } from './http/context.ts';
import { Guard } from './http/guard.ts';
import { Idempotency, type Remake } from './http/idempotency.ts';
import { Inspectors } from './http/inspection.ts';
import { listen, type Listening } from './http/listen.ts';
import { spawnAnswer } from './http/spawns.ts';
import { sessionView } from './http/views.ts';
import { Hub } from './http/websocket.ts';
import { createCliGenerator } from './manifest/cli-generator.ts';
import type { ManifestGenerator } from './manifest/generator.ts';
import { readKeptManifest, readKeptManifestNow } from './manifest/manifest-file.ts';
import { createServerGenerator } from './manifest/server-generator.ts';
import { SessionFolders } from './manifest/session-folders.ts';
import type { createLogger } from './platform/logger.ts';
import { assetsFolder, binFolder, docsFolder, packageVersion, pageFolder } from './platform/package.ts';
import { serverProof } from './platform/server-proof.ts';
import { repairRelations } from './records/repair.ts';
import { repairAtStart } from './records/repair-at-start.ts';
import { repairQueues } from './records/repair-queues.ts';
import { Records } from './records/records.ts';
import type { Turn } from './records/turn.ts';
import { FileStorage } from './storage/file-storage.ts';
import { makeFolder } from './storage/make-folder.ts';
import type { Loaded, Storage } from './storage/storage.ts';

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
  /** By which the server proves that it wrote its entry in `~/.maestro/token`. */
  secret?: string;
}

export interface Maestro {
  /** Where it listens; a loopback address where it listens on all. */
  url: string;
  /** Each address on which it listens, for people. */
  addresses: string;
  /** What sessions are told of it. */
  serverUrl: string;
  close(): Promise<void>;
}

/** @throws MaestroError when the folder or the port is taken, an Error when the data cannot be opened. */
export async function startMaestro(options: MaestroOptions): Promise<Maestro> {
  const { config, log } = options;
  const heldBack: HeldBack = { restate: () => undefined };
  const storage = new FileStorage({
    folder: config.dataDir,
    onProblem: (problem) => log.error(problem),
    onHeldBack: (references) => heldBack.restate(references),
  });
  makeFolder(config.sessionDir);
  await storage.open();
  try {
    const listening = await listen(config.host, config.port);
    try {
      return await assemble(options, storage, heldBack, listening);
    } catch (error) {
      await listening.close(0);
      throw error;
    }
  } catch (error) {
    await storage.close(0);
    throw error;
  }
}

/** What is done about records whose files cannot be written; known when the records are. */
interface HeldBack {
  restate: (references: Reference[]) => void;
}

async function assemble(
  options: MaestroOptions,
  storage: Storage,
  heldBack: HeldBack,
  listening: Listening,
): Promise<Maestro> {
  const { config, clock, newId, log, secret } = options;
  const startedAt = clock.now();
  const shippedTemplates = defaultTemplates(assetsFolder);
  const records = openRecords(options, storage);
  heldBack.restate = (references) => {
    // Lost with the disk, or done again when as much has been held back again.
    records.restate(references).catch(() => undefined);
  };
  const stopRepairs = await repairAtStart(records, repairsOf(storage.load(), shippedTemplates), {
    mended: (sentence) => log.warn(sentence),
    failed: (err) => log.error({ err }, 'the repairs of the start failed'),
  });
  const facts: ServerFacts = {
    serverUrl: config.serverUrl ?? listening.url,
    dataDir: config.dataDir,
    sessionDir: config.sessionDir,
  };

  const onFault = (sessionId: string, fault: Error): void =>
    log.error({ err: fault, sessionId }, 'a session had a fault');
  const provided = provideEffects(() => effects);
  const inspection = config.inspect ? await Inspection.open() : null;
  const directory = new Directory({
    records,
    machines: provided.machines,
    facts,
    onEnd: interruptQueue,
    onFault,
    inspection,
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
  const stopping = new AbortController();
  const spawns = new Spawns({ records, directory, stopping: stopping.signal });
  const idempotency = new Idempotency(records, remakeFrom(records, spawns));
  const folders = new SessionFolders({
    sessionDir: config.sessionDir,
    pendingDir: join(config.dataDir, 'removals'),
    warn: (err, message) => log.warn({ err }, message),
  });
  const context: HttpContext = {
    records,
    directory,
    spawns,
    idempotency,
    skills: createSkills({
      folder: config.skillsDir,
      onFault: ({ message, details }) => log.warn(details, message),
    }),
    shippedTemplates,
    spawnDeadlineMs: config.spawnDeadlineMs,
    removeSessionFolder: (id, deletion) => folders.removeWith(id, deletion),
    readManifest: readKeptManifest,
  };

  const guard = new Guard({ serverUrl: facts.serverUrl, cors: config.cors, token: config.token });
  const debug = (message: string): void => log.debug(message);
  const onInspectorFault = (fault: Error): void => log.error({ err: fault }, 'an inspector had a fault');
  const inspectors = inspection && new Inspectors({ inspection, debug, onFault: onInspectorFault });
  const onFactFault = (fault: Error): void =>
    log.error({ err: fault }, 'a fact could not be sent; those who watch were asked to read anew');
  const hub = new Hub({
    records,
    clock,
    guard,
    inspectors,
    debug,
    onFault: onFactFault,
    readManifest: readKeptManifestNow,
  });
  const health = { records, directory, hub, version: packageVersion, now: () => clock.now(), startedAt };
  const documents = { version: packageVersion, serverUrl: facts.serverUrl, pageFolder: docsFolder };
  const app = createApp({
    context,
    guard,
    health,
    documents,
    pageFolder,
    prove:
      config.token === null || secret === undefined ? null : (nonce, end) => serverProof(secret, nonce, end),
    log,
    newRequestId: () => newId('evt'),
  });
  const sweep = setInterval(() => {
    idempotency
      .sweep()
      .catch((error: unknown) => log.warn({ err: error }, 'old answers could not be let go'));
  }, SWEEP_MS);
  sweep.unref();

  const close = async (): Promise<void> => {
    clearInterval(sweep);
    stopRepairs();
    stopping.abort(new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping'));
    await listening.close(REQUESTS_LIMIT_MS);
    inspectors?.close();
    directory.close();
    await within(EFFECTS_LIMIT_MS, provided.settled());
    hub.close();
    await storage.close(FLUSH_LIMIT_MS);
    hub.terminate();
    inspectors?.terminate();
  };
  let closing: Promise<void> | null = null;
  const closeOnce = (): Promise<void> => (closing ??= close());
  try {
    directory.wakeAll();
  } catch (error) {
    await closeOnce();
    throw error;
  }
  void folders.resume((id) => records.get('session', id) !== undefined);
  listening.serve(app, (request, socket, head) => hub.upgrade(request, socket, head));
  const { url, addresses } = listening;
  return { url, addresses, serverUrl: facts.serverUrl, close: closeOnce };
}

/** The records as they were left. */
function openRecords({ clock, newId, log }: MaestroOptions, storage: Storage): Records {
  const loaded = storage.load();
  for (const problem of loaded.problems) log.error(problem);
  const onFault = (fault: Error): void => log.error({ err: fault }, 'a listener to commits had a fault');
  return new Records({ storage, clock, newId, onFault }, loaded);
}

/** What is missing or disagrees among the records that were loaded. */
function repairsOf(
  { records, unread }: Loaded,
  shippedTemplates: readonly DefaultTemplate[],
): (turn: Turn) => string[] {
  const ids = {
    taskIds: records.task.map(({ id }) => id),
    sessionIds: records.session.map(({ id }) => id),
    queueIds: records.queue.map(({ sessionId }) => sessionId),
    unread,
  };
  return (turn) => {
    ensureDefaults(turn, shippedTemplates);
    return [...repairRelations(turn, ids), ...repairQueues(turn, ids)];
  };
}

const remakeFrom =
  (records: Records, spawns: Spawns): Remake =>
  async ({ id, shape }) => {
    const session = records.get('session', id);
    if (!session) throw new MaestroError('SESSION_NOT_FOUND', `Session ${id} not found`, { sessionId: id });
    return shape === 'spawn' ? spawnAnswer(await spawns.outcome(session), records) : sessionView(session);
  };

/** The package's own `maestro` comes first on the PATH of the CLI that makes manifests. */
function createGenerator(config: Config, facts: ServerFacts): ManifestGenerator {
  if (config.manifest.generator === 'server') return createServerGenerator();
  const environment = { ...process.env, PATH: `${binFolder}${delimiter}${process.env['PATH'] ?? ''}` };
  return createCliGenerator({ ...config.manifest, ...facts, environment });
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
