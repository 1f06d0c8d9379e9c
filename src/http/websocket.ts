// Facts to watchers: on the HTTP port, path `/` and `/ws`. What commits publish is sent a moment later, so that no caller
// waits for it; the entities are taken at once, so that no fact carries the state of a later commit.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../domain/clock.ts';
import { changesTold, type Commit, type KeptFact } from '../domain/commit.ts';
import { MaestroError } from '../domain/errors.ts';
import { isAboutItem, type Fact } from '../domain/facts.ts';
import { keyOf } from '../domain/records.ts';
import type { JsonObject } from '../domain/fields.ts';
import type { Queue, QueueItem } from '../domain/queue.ts';
import type { Session } from '../domain/session.ts';
import type { Records } from '../records/records.ts';
import { Backlog } from './backlog.ts';
import { callerOf } from './caller.ts';
import { Envelope, replaceableKey, type Told, type View } from './envelope.ts';
import { refuseOn } from './errors.ts';
import { FanOut } from './fan-out.ts';
import type { Guard } from './guard.ts';
import { createWebSocketServer, shakeHands } from './handshake.ts';
import { inspectionPath, type Inspectors } from './inspection.ts';
import { subscriptionOf, type Subscription } from './subscription.ts';
import { TimeSlices } from './time-slices.ts';
import { Watcher, type Missed } from './watcher.ts';

const HEARTBEAT_MS = 30_000;
/** Clients say `ping` and little else. */
const LARGEST_MESSAGE = 64 * 1024;
const WATCHERS = 1_000;
/** Of those from one address, so that nobody alone can take all places. */
const WATCHERS_OF_ONE_CALLER = 900;
const GOING_AWAY = 1001;
const paths = new Set(['/', '/ws']);

/** What an upgrade asks for. */
interface Wanted {
  subscription: Subscription;
  since: number | null;
  caller: string;
}

export interface HubOptions {
  records: Records;
  clock: Clock;
  guard: Guard;
  /** With MAESTRO_INSPECT: who takes the upgrades at `/inspect`. */
  inspectors?: Inspectors | null;
  debug: (message: string) => void;
  /** The manifest in a file, for a spawn that is replayed; null when there is none that can be read. */
  readManifest: (path: string | undefined) => unknown;
  /** Told of a fact that could not be serialised; others go on. */
  onFault: (fault: Error) => void;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #server = createWebSocketServer(LARGEST_MESSAGE);
  readonly #fanOut = new FanOut();
  /** How many watchers each caller has. */
  readonly #callers = new Map<string, number>();
  readonly #slices = new TimeSlices();
  readonly #backlog = new Backlog(() => this.#relieve());
  readonly #stopListening: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #closed = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#stopListening = options.records.onCommit((commit) => this.#collect(commit));
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** The connections, for `/ws-status`. */
  get sockets(): WebSocket[] {
    return [...this.#fanOut.watchers()].map(({ socket }) => socket);
  }

  /** Takes an upgrade, or answers it with the refusal that a request would get. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { guard, inspectors } = this.#options;
    const url = request.url ?? '/';
    let wanted: Wanted;
    try {
      guard.checkSource(request);
      guard.checkToken(request, url, true);
      const { pathname, searchParams } = new URL(guard.pathOf(url), 'http://localhost');
      const isInspector = inspectors && pathname === inspectionPath;
      if (!isInspector && !paths.has(pathname))
        throw new MaestroError('NOT_FOUND', `there is no WebSocket at ${pathname}`);
      if (this.#closed) throw new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping');
      if (isInspector) {
        inspectors.take(request, socket, head);
        return;
      }
      wanted = {
        subscription: subscriptionOf(searchParams),
        since: sinceOf(searchParams),
        caller: callerOf(request),
      };
      this.#checkPlaces(wanted.caller);
    } catch (error) {
      refuseOn(socket, asRefusal(error));
      return;
    }
    shakeHands(this.#server, [request, socket, head], (webSocket) =>
      this.#welcome(webSocket, socket, wanted),
    );
  }

  /** Closes every client with 1001; one that does not answer is cut. */
  close(): void {
    this.#closed = true;
    this.#fanOut.finish();
    this.#stopListening();
    clearInterval(this.#heartbeat);
    for (const socket of this.sockets) socket.close(GOING_AWAY, 'the server is stopping');
    this.#server.close();
  }

  /** Cuts those that did not close. */
  terminate(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  /** @throws OVERLOADED */
  #checkPlaces(caller: string): void {
    if (this.#fanOut.size >= WATCHERS)
      throw new MaestroError('OVERLOADED', `${WATCHERS} watchers are connected; no more are taken`);
    if ((this.#callers.get(caller) ?? 0) >= WATCHERS_OF_ONE_CALLER)
      throw new MaestroError(
        'OVERLOADED',
        `${WATCHERS_OF_ONE_CALLER} watchers from ${caller} are connected; no more are taken from this address`,
      );
  }

  #welcome(socket: WebSocket, connection: Duplex, { subscription, since, caller }: Wanted): void {
    const { records, debug } = this.#options;
    const missed = since === null ? [] : records.since(since, subscription.view === 'changes');
    const watcher = new Watcher({
      socket,
      connection,
      subscription,
      seen: missed?.at(-1)?.fact.seq ?? records.seq,
      backlog: this.#backlog,
      slices: this.#slices,
    });
    this.#fanOut.add(watcher);
    this.#callers.set(caller, (this.#callers.get(caller) ?? 0) + 1);
    socket.on('ping', (data) => watcher.pong(data));
    socket.on('pong', () => (watcher.isAlive = true));
    socket.on('message', (data) => this.#hear(watcher, data));
    socket.on('error', (error) => debug(`a watcher's connection failed: ${error.message}`));
    socket.on('close', () => {
      watcher.forget();
      this.#fanOut.remove(watcher);
      this.#leave(caller);
    });
    if (!missed) watcher.resync(records.seq);
    else if (missed.length > 0) watcher.replay(this.#missedBy(subscription.view, missed));
  }

  #leave(caller: string): void {
    const others = (this.#callers.get(caller) ?? 0) - 1;
    if (others > 0) this.#callers.set(caller, others);
    else this.#callers.delete(caller);
  }

  /** Each entity is taken when its fact is asked for. */
  *#missedBy(view: View, missed: KeptFact[]): Generator<Missed> {
    const key = ({ fact }: KeptFact): string => replaceableKey(fact, view) ?? String(fact.seq);
    const newest = new Map(missed.map((kept) => [key(kept), kept.fact.seq]));
    const outdone = Uint8Array.from(missed, (kept) => Number(newest.get(key(kept)) !== kept.fact.seq));
    newest.clear(); // A client that reads slowly keeps this waiting.
    for (const [index, kept] of missed.entries())
      yield { envelope: this.#envelope(this.#asNow(kept)), isOutdone: outdone[index] === 1 };
  }

  #hear(watcher: Watcher, data: RawData): void {
    const type = typeOf(data);
    if (type === 'ping')
      watcher.answer(JSON.stringify({ type: 'pong', timestamp: this.#options.clock.now() }));
    else if (type !== 'heartbeat' && type !== 'keepalive')
      this.#options.debug('a watcher sent something unknown');
  }

  #collect(commit: Commit): void {
    // Who connects later asks for what came before with `since`.
    if (commit.facts.length === 0 || this.#fanOut.size === 0) return;
    const images = new Map(commit.images.map((image) => [keyOf(image.kind, image.id), image.record]));
    const { records } = this.#options;
    const told = changesTold(commit.changes, commit.changes);
    const envelopes = commit.facts.map((fact) => {
      const image = images.get(keyOf(fact.kind, fact.id));
      const record = image === undefined ? (records.get(fact.kind, fact.id) ?? null) : image;
      const project = fact.projectId === null ? undefined : records.get('project', fact.projectId);
      const live = (): JsonObject => commit.live?.get(fact.seq) ?? {};
      return this.#envelope({ fact, at: commit.at, record, project, changes: told(fact), live });
    });
    this.#fanOut.publish(envelopes);
  }

  #envelope(told: Told): Envelope {
    return new Envelope(told, this.#options.onFault);
  }

  /** Closes those furthest behind until what is unread is within its bound again. */
  #relieve(): void {
    while (this.#backlog.isTooLarge) {
      const furthest = [...this.#fanOut.watchers()].reduce((a, b) =>
        a.unreadBytes >= b.unreadBytes ? a : b,
      );
      if (furthest.isWaiting) furthest.giveUp();
      else furthest.cut();
    }
  }

  /** A replayed fact shows the entity as it is now; only changes are exact. */
  #asNow(kept: KeptFact): Told {
    const { fact, at } = kept;
    const { records, readManifest } = this.#options;
    const record = records.get(fact.kind, fact.id) ?? null;
    const item = isAboutItem(fact) ? itemIn(record as Queue | null, fact) : undefined;
    return {
      fact,
      at,
      // Of a task that is not in its queue any more there is no item to show.
      record: isAboutItem(fact) && !item ? null : record,
      get changes() {
        return kept.changes;
      },
      project: fact.projectId === null ? undefined : records.get('project', fact.projectId),
      live: () => (item ? { item } : { manifest: readManifest((record as Session | null)?.manifestPath) }),
    };
  }

  #beat(): void {
    for (const watcher of this.#fanOut.watchers()) {
      if (!watcher.isAlive) watcher.socket.terminate();
      watcher.isAlive = false;
      watcher.socket.ping();
    }
  }
}

/** The item of a fact as it is now. */
const itemIn = (queue: Queue | null, { data }: Fact): QueueItem | undefined =>
  queue?.items.find(({ taskId }) => taskId === data?.['taskId']);

function sinceOf(query: URLSearchParams): number | null {
  const since = query.get('since');
  if (since === null || since === '') return null;
  const number = Number(since);
  if (!(Number.isInteger(number) && number >= 0))
    throw new MaestroError('VALIDATION_ERROR', 'since must be the number of a fact', {
      since: 'must be a whole number',
    });
  return number;
}

function typeOf(data: RawData): unknown {
  try {
    const message: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : '');
    return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
  } catch {
    return undefined; // Junk: no JSON.
  }
}

const asRefusal = (error: unknown): MaestroError =>
  error instanceof MaestroError ? error : new MaestroError('VALIDATION_ERROR', 'the upgrade is not valid');
