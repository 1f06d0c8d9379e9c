// Everything between the handlers and the disk, wired as the server wires it: records, supervisors, effects, spawns.
// Time, the disk and the manifest generator do what the test says. Whatever is left behind fails the test that left it.
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Directory } from '../../src/actors/directory.ts';
import { Effects } from '../../src/actors/effects.ts';
import type { Inspection } from '../../src/actors/inspection.ts';
import { provideEffects } from '../../src/actors/provide.ts';
import { interruptQueue } from '../../src/actors/queue-moves.ts';
import { createSession } from '../../src/actors/sessions.ts';
import { Spawns } from '../../src/actors/spawns.ts';
import type { Machines, Supervisor } from '../../src/actors/supervisor.ts';
import { createProject } from '../../src/catalog/projects.ts';
import { createTask } from '../../src/catalog/tasks.ts';
import type { Commit } from '../../src/domain/commit.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import type { NewId } from '../../src/domain/ids.ts';
import type { Queue } from '../../src/domain/queue.ts';
import type { Session } from '../../src/domain/session.ts';
import type { SpawnRequest } from '../../src/domain/spawn.ts';
import type { Task } from '../../src/domain/task.ts';
import { Records } from '../../src/records/records.ts';
import type { Turn } from '../../src/records/turn.ts';
import { MemoryStorage, type MemoryDisk } from '../support/memory-storage.ts';
import { countedIds, NOW, settle } from '../records/arrange.ts';
import { temporaryFolder } from '../support/folder.ts';
import { SimulatedClock } from './clock.ts';
import { type Asked, ScriptedGenerator } from './generator.ts';

export const DEADLINE_MS = 120_000;
/** What waits for nothing but the test's own files has come true long before. */
const PATIENCE_MS = 5_000;

export interface HarnessOptions {
  /** The machines in place of the real ones, e.g. with an action that throws. */
  machines?: (machines: Machines) => Machines;
  inspection?: Inspection;
}

export interface Spawning {
  id: string;
  projectId: string;
  taskIds: string[];
  /** What the request gets. */
  outcome: Promise<Session>;
  asked: Asked;
}

/** What a restart keeps. */
interface World {
  disk: MemoryDisk;
  clock: SimulatedClock;
  newId: NewId;
  sessionDir: string;
}

/** Lets the event loop run until `holds`. @returns whether it came true. */
async function patiently(holds: () => boolean): Promise<boolean> {
  const limit = performance.now() + PATIENCE_MS;
  while (!holds() && performance.now() < limit) await settle();
  return holds();
}

export class Harness {
  readonly world: World;
  readonly clock: SimulatedClock;
  readonly storage: MemoryStorage;
  readonly records: Records;
  readonly directory: Directory;
  readonly spawns: Spawns;
  readonly generator = new ScriptedGenerator();
  readonly commits: Commit[] = [];
  readonly faults: { sessionId: string; fault: Error }[] = [];
  readonly #options: HarnessOptions;
  readonly #stopping = new AbortController();
  readonly #effectsSettled: () => Promise<void>;
  readonly #pending = new Set<string>();
  #listening = 0;
  #closed = false;

  constructor(options: HarnessOptions = {}, world?: World) {
    this.#options = options;
    this.world = world ?? {
      disk: { commits: [] },
      clock: new SimulatedClock(NOW),
      newId: countedIds(),
      sessionDir: join(temporaryFolder(), 'sessions'),
    };
    const { disk, clock, newId, sessionDir } = this.world;
    this.clock = clock;
    this.storage = new MemoryStorage(disk);
    this.records = new Records({ storage: this.storage, clock, newId }, this.storage.load());
    this.#watch(this.records);
    const facts = { serverUrl: 'http://localhost:1', dataDir: '/data', sessionDir };
    const onFault = (sessionId: string, fault: Error) => this.faults.push({ sessionId, fault });
    const provided = provideEffects(() => effects);
    this.#effectsSettled = provided.settled;
    this.directory = new Directory({
      records: this.records,
      machines: options.machines ? options.machines(provided.machines) : provided.machines,
      facts,
      onEnd: interruptQueue,
      onFault,
      inspection: options.inspection ?? null,
    });
    const effects: Effects = new Effects({
      records: this.records,
      clock,
      facts,
      generator: this.generator,
      spawnDeadlineMs: DEADLINE_MS,
      onFault,
      tell: (id, command) =>
        this.directory.find(id).tell((turn, session) => {
          if (session.can(command(turn.at))) session.move(turn, command(turn.at));
        }),
    });
    this.spawns = new Spawns({
      records: this.records,
      directory: this.directory,
      stopping: this.#stopping.signal,
    });
    this.records.onCommit((commit) => this.commits.push(commit));
    this.directory.wakeAll();
    onTestFinished(() => this.close());
  }

  /** What all watchers are told, by type, since the last time this was asked; not what `view=changes` adds. */
  told(): string[] {
    const facts = this.commits.splice(0).flatMap((commit) => commit.facts);
    return facts.filter(({ audience }) => audience === undefined).map(({ type }) => type);
  }

  session(id: string): Session {
    return this.records.get('session', id) ?? expect.fail(`there is no session ${id}`);
  }

  task(id: string): Task {
    return this.records.get('task', id) ?? expect.fail(`there is no task ${id}`);
  }

  queue(id: string): Queue {
    return this.records.get('queue', id) ?? expect.fail(`there is no queue ${id}`);
  }

  /** The entries of a session's timeline, as `type: message`. */
  story(id: string): string[] {
    return this.session(id)
      .timeline.slice()
      .map(({ type, message }) => `${type}: ${message ?? ''}`);
  }

  tell<T>(id: string, work: (turn: Turn, session: Supervisor) => T): Promise<T> {
    return this.directory.find(id).tell(work);
  }

  project(): Promise<string> {
    return this.records.turn(
      (turn) => createProject(turn, { name: 'A project', workingDir: '/tmp', description: '' }).id,
    );
  }

  tasks(projectId: string, count: number): Promise<string[]> {
    return this.records.turn((turn) =>
      Array.from({ length: count }, (_, at) => createTask(turn, { projectId, title: `Task ${at + 1}` }).id),
    );
  }

  /** A session as a client makes it; tasks and project are made with it where none are given. */
  async created(more: Partial<Parameters<typeof createSession>[2]> = {}): Promise<string> {
    const projectId = more.projectId ?? (await this.project());
    const draft = { projectId, taskIds: [], ...more };
    return (await this.records.turn((turn) => createSession(turn, this.directory, draft, DEADLINE_MS))).id;
  }

  spawn(projectId: string, taskIds: string[], more: Partial<SpawnRequest> = {}): Promise<Session> {
    const request: SpawnRequest = {
      projectId,
      taskIds,
      role: 'worker',
      strategy: 'simple',
      spawnSource: 'ui',
      parentId: null,
      skills: [],
      context: {},
      ...more,
    };
    return this.spawns.spawn(request, () => undefined);
  }

  /** Waits until the manifest number `count` is asked for. */
  async manifest(count = 1): Promise<Asked> {
    await this.until(() => this.generator.asked.length >= count);
    return this.generator.asked[count - 1] ?? expect.fail('unreachable: until() saw it');
  }

  /** A spawn whose manifest is being made; how it ends is for the caller. */
  async spawning(more: Partial<SpawnRequest> = {}): Promise<Spawning> {
    const projectId = await this.project();
    const taskIds = await this.tasks(projectId, 2);
    const count = this.generator.asked.length + 1;
    const outcome = this.spawn(projectId, taskIds, more);
    outcome.catch(() => undefined);
    const asked = await this.manifest(count);
    return { id: asked.order.sessionId, projectId, taskIds, outcome, asked };
  }

  /** A spawn that was announced. */
  async spawned(more: Partial<SpawnRequest> = {}): Promise<Spawning> {
    const spawning = await this.spawning(more);
    spawning.asked.make();
    await spawning.outcome;
    return spawning;
  }

  /** Waits until `holds`; fails when it does not come true though nothing is waited for. */
  async until(holds: () => boolean): Promise<void> {
    if (!(await patiently(holds))) expect.fail(`did not come true: ${holds.toString()}`);
  }

  /** The signal of a stop: waiting spawns get 503. */
  stop(): void {
    this.#stopping.abort(new MaestroError('STORAGE_UNAVAILABLE', 'the server is stopping'));
  }

  /** Ends without a word and starts again on the same disk, as after a crash. */
  async restart(): Promise<Harness> {
    await this.close();
    return new Harness(this.#options, this.world);
  }

  /** Ends, and fails when an actor, a wait, an effect or a listener stays behind. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.stop();
    this.directory.close();
    this.storage.lose();
    let effectsEnded = false;
    void this.#effectsSettled().then(() => (effectsEnded = true));
    await patiently(() => effectsEnded && this.#pending.size === 0);
    expect({
      supervisors: this.directory.size,
      effectsEnded,
      pending: [...this.#pending],
      sleepers: this.clock.waitedFor,
      manifests: this.generator.running,
      listeners: this.#listening,
    }).toEqual({ supervisors: 0, effectsEnded: true, pending: [], sleepers: [], manifests: 0, listeners: 1 });
  }

  /** Counts what waits in the records, and who listens to them. */
  #watch(records: Records): void {
    const turn = records.turn.bind(records);
    const until = records.until.bind(records);
    const onCommit = records.onCommit.bind(records);
    let count = 0;
    const counted = <T>(what: string, promise: Promise<T>): Promise<T> => {
      count += 1;
      const name = `${what} ${count}`;
      this.#pending.add(name);
      const over = () => this.#pending.delete(name);
      promise.then(over, over);
      return promise;
    };
    records.turn = (work, keep) => counted('turn', turn(work, keep));
    records.until = (...wait) => counted(`until ${wait[0].id}`, until(...wait));
    records.onCommit = (listener) => {
      this.#listening += 1;
      const undo = onCommit(listener);
      return () => {
        this.#listening -= 1;
        undo();
      };
    };
  }
}
