// Spawning: a session is ordered, its manifest made, its start announced. The request waits for the outcome; the work
// itself does not depend on it, and goes on after a restart.
import { setMaxListeners } from 'node:events';
import { MaestroError } from '../domain/errors.ts';
import { strongestModel } from '../domain/fields.ts';
import type { Session, SpawnOrder } from '../domain/session.ts';
import type { SpawnRequest } from '../domain/spawn.ts';
import type { Keep, Records } from '../records/records.ts';
import type { Turn } from '../records/turn.ts';
import type { Directory } from './directory.ts';
import { refuseTooManyTasks } from './session-bounds.ts';
import { linkNew, makeQueue, newSession } from './sessions.ts';
import { stamp, type Supervisor } from './supervisor.ts';

/** An equal spawn within this time takes a session up again whose manifest failed: clients repeat a 5xx by themselves. */
const TAKE_UP_MS = 60_000;
/** Spawns whose requests may wait at once. */
const WAITING_SPAWNS = 1_000;

export interface SpawnsOptions {
  records: Records;
  directory: Directory;
  /** Aborted when the server stops: waiting requests get 503. */
  stopping: AbortSignal;
}

export class Spawns {
  readonly #options: SpawnsOptions;
  #waiting = 0;

  constructor(options: SpawnsOptions) {
    this.#options = options;
    // A listener for each request that waits: Node would take more than ten for a leak.
    setMaxListeners(0, options.stopping);
  }

  /**
   * Makes the session and waits until its spawn is announced.
   * @throws the spawn's codes of the contract; `manifest_generation_failed` or `spawn_error` when it comes to nothing.
   */
  spawn(request: SpawnRequest, keep: Keep<Session>): Promise<Session> {
    return this.#inLine(async () =>
      this.#ended(await this.#options.records.turn((turn) => this.#order(turn, request), keep)),
    );
  }

  /** Orders the manifest of a failed or overdue spawn again, and waits like spawn(). @throws BUSINESS_RULE_ERROR. */
  respawn(id: string, keep: Keep<Session>): Promise<Session> {
    return this.#inLine(async () => this.#ended(await this.#options.directory.find(id).tell(takeUp, keep)));
  }

  /** Waits until the spawn that this session is in has come to an end. */
  outcome(session: Pick<Session, 'id' | 'attempt'>): Promise<Session> {
    return this.#inLine(() => this.#ended(session));
  }

  /** Holds one of the places of those who wait. @throws MaestroError OVERLOADED when there is none. */
  async #inLine(wait: () => Promise<Session>): Promise<Session> {
    if (this.#waiting >= WAITING_SPAWNS)
      throw new MaestroError(
        'OVERLOADED',
        `${WAITING_SPAWNS} spawns wait for their manifests; try again in a moment`,
      );
    this.#waiting += 1;
    try {
      return await wait();
    } finally {
      this.#waiting -= 1;
    }
  }

  async #ended({ id, attempt }: Pick<Session, 'id' | 'attempt'>): Promise<Session> {
    const { records, stopping } = this.#options;
    const present = (): Session | undefined => records.get('session', id);
    const isOver = (): boolean => {
      const session = present();
      return !session || session.attempt !== attempt || session.phase !== 'generatingManifest';
    };
    await records.until({ kind: 'session', id }, isOver, stopping);
    return judge(id, attempt, present());
  }

  #order(turn: Turn, request: SpawnRequest): Session {
    check(turn, request);
    const failed = failedEqual(turn, request);
    if (failed) return takeUp(turn, this.#options.directory.find(failed.id));
    return this.#make(turn, request);
  }

  #make(turn: Turn, request: SpawnRequest): Session {
    const { projectId, taskIds, role, strategy, parentId, spawnSource, skills, context } = request;
    const models = taskIds.map((taskId) => turn.find('task', taskId)?.model);
    const model = request.model ?? strongestModel(models) ?? 'sonnet';
    const spawn: SpawnOrder = { role, skills, model, spawnSource, spawnedBy: parentId, context };
    const session: Session = {
      ...newSession(turn, turn.newId('sess'), projectId, taskIds),
      name: nameOf(request),
      strategy,
      status: 'spawning',
      phase: 'generatingManifest',
      attempt: 1,
      metadata: { skills, spawnedBy: parentId, spawnSource, role, strategy, context },
      spawn,
    };
    const started = stamp(turn, session, [{ type: 'session_started', message: 'Session ordered' }]);
    turn.put('session', started, { quietly: true });
    for (const taskId of taskIds) linkNew(turn, session, taskId, false);
    if (strategy === 'queue') makeQueue(turn, session, true);
    this.#options.directory.enter(turn, session.id);
    return started;
  }
}

const nameOf = ({ sessionName = '', role, taskIds }: SpawnRequest): string =>
  sessionName !== ''
    ? sessionName
    : `${role === 'worker' ? 'Worker' : 'Orchestrator'} for ${taskIds[0] ?? ''}`;

function takeUp(turn: Turn, session: Supervisor): Session {
  session.move(turn, { type: 'session.respawn', at: turn.at });
  return session.record(turn);
}

/** The checks that need records, in the contract's order. */
function check(turn: Turn, { taskIds, projectId, parentId, spawnSource }: SpawnRequest): void {
  if (spawnSource === 'session' && parentId !== null && !turn.find('session', parentId))
    throw new MaestroError('parent_session_not_found', `Parent session ${parentId} not found`);
  for (const taskId of taskIds)
    if (!turn.find('task', taskId))
      throw new MaestroError('task_not_found', `Task ${taskId} not found`, { taskId });
  if (!turn.find('project', projectId))
    throw new MaestroError('project_not_found', `Project ${projectId} not found`);
  for (const taskId of taskIds)
    if (turn.find('task', taskId)?.projectId !== projectId)
      throw new MaestroError('invalid_task_ids', `Task ${taskId} belongs to another project`, { taskId });
  refuseTooManyTasks(taskIds.length, 'taskIds');
}

/** A session of an equal spawn (parent, tasks, role, strategy, name, skills) whose manifest failed a moment ago. */
function failedEqual(turn: Turn, request: SpawnRequest): Session | undefined {
  const wanted = signature(request, request.parentId, nameOf(request), request.taskIds);
  return turn.listed('session', `task:${request.taskIds[0] ?? ''}`).find((session) => {
    const { status, manifestFailedAt, spawn, taskIds, name, strategy } = session;
    if (status !== 'failed' || manifestFailedAt === null || !spawn) return false;
    if (manifestFailedAt < turn.at - TAKE_UP_MS) return false;
    return signature({ ...spawn, strategy }, spawn.spawnedBy, name, taskIds) === wanted;
  });
}

const signature = (
  { role, strategy, skills }: Pick<SpawnRequest, 'role' | 'strategy' | 'skills'>,
  parentId: string | null,
  name: string,
  taskIds: string[],
): string => JSON.stringify([parentId, taskIds, role, strategy, name, skills]);

function judge(id: string, attempt: number, session: Session | undefined): Session {
  if (!session)
    throw new MaestroError('spawn_error', `Session ${id} was deleted while its manifest was being made`);
  const { manifestFailedAt } = session;
  if (session.attempt === attempt && session.status === 'failed' && manifestFailedAt !== null) {
    const why = session.manifestError ?? 'the reason is not known';
    throw new MaestroError('manifest_generation_failed', `Failed to generate manifest: ${why}`, {
      sessionId: id,
    });
  }
  if (session.attempt === attempt && session.manifestPath !== undefined) return session;
  const message = `Session ${id} was moved (${session.status}) while its manifest was being made`;
  throw new MaestroError('spawn_error', message, { sessionId: id });
}
