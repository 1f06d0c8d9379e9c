// The machines' effects, for real. Each begins inside a turn, before its commit: so it first awaits that commit, and
// does nothing when it is lost. Its result takes the same road as every command. Effects are repeatable.
import { readFile } from 'node:fs/promises';
import { templateFor } from '../catalog/templates.ts';
import type { Clock } from '../domain/clock.ts';
import type { SessionCommand } from '../domain/commands.ts';
import { asError, MaestroError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/fields.ts';
import type { ManifestGenerator, ManifestOrder } from '../manifest/generator.ts';
import type { DeadlineInput, ManifestInput } from '../machines/effects.ts';
import type { Records } from '../records/records.ts';
import { manifestPathOf, type ServerFacts } from './announcement.ts';

/** Between two tries to tell a result while the disk refuses writes or the mailbox is full. */
const RETRY_MS = 250;

export interface EffectsOptions {
  records: Records;
  clock: Clock;
  generator: ManifestGenerator;
  facts: ServerFacts;
  spawnDeadlineMs: number;
  /** Sends a result to its session, as a command like any other. */
  tell: (id: string, command: (at: number) => SessionCommand) => Promise<void>;
  onFault: (sessionId: string, fault: Error) => void;
}

export class Effects {
  readonly #options: EffectsOptions;

  constructor(options: EffectsOptions) {
    this.#options = options;
  }

  /** Makes the manifest and tells `manifest.made` or `manifest.failed`; silent when `signal` ends it. */
  async generateManifest({ id, attempt }: ManifestInput, signal: AbortSignal): Promise<void> {
    if (!(await this.#committed(signal))) return;
    const { generator, facts, spawnDeadlineMs } = this.#options;
    const path = manifestPathOf(facts, id);
    let result: (at: number) => SessionCommand;
    try {
      const order = this.#orderOf(id, path);
      await this.#flush(order);
      await generator.generate(order, signal);
      const manifest = JSON.parse(await readFile(path, 'utf8')) as JsonObject;
      result = (at) => ({
        type: 'manifest.made',
        at,
        attempt,
        path,
        deadline: at + spawnDeadlineMs,
        manifest,
      });
    } catch (error) {
      const { message } = asError(error);
      result = (at) => ({ type: 'manifest.failed', at, attempt, message });
    }
    await this.#report(id, result, signal);
  }

  /** Tells `deadline.passed` when it has. */
  async awaitDeadline({ id, at }: DeadlineInput, signal: AbortSignal): Promise<void> {
    if (!(await this.#committed(signal))) return;
    await this.#options.clock.until(at, signal);
    await this.#report(id, (now) => ({ type: 'deadline.passed', at: now }), signal);
  }

  /**
   * Whether the commit of the turn that began the effect became durable. The one that is waited for may be a later one:
   * what is lost with it says nothing of this effect. Losing its own ends it, since its actor is then made anew.
   */
  async #committed(signal: AbortSignal): Promise<boolean> {
    await Promise.resolve(); // The turn that began this effect is still running; its commit is given when it ends.
    await this.#options.records.settled().catch(() => undefined);
    return !signal.aborted;
  }

  /** The CLI reads the files of the project and its tasks: they must be current. */
  #flush({ project, sessionId }: ManifestOrder): Promise<void> {
    const { records } = this.#options;
    const tasks = records.listed('task', `project:${project.id}`);
    return records.flush([
      { kind: 'project', id: project.id },
      { kind: 'session', id: sessionId },
      ...tasks.map(({ id }) => ({ kind: 'task' as const, id })),
    ]);
  }

  #orderOf(id: string, path: string): ManifestOrder {
    const { records } = this.#options;
    const session = records.get('session', id);
    const project = session && records.get('project', session.projectId);
    if (!session?.spawn || !project)
      throw new MaestroError('MANIFEST_GENERATION_ERROR', 'its project is gone');
    const tasks = session.taskIds.flatMap((taskId) => records.get('task', taskId) ?? []);
    if (tasks.length === 0) throw new MaestroError('MANIFEST_GENERATION_ERROR', 'none of its tasks is left');
    const { role, skills, model, context } = session.spawn;
    const template = templateFor(records.listed('template', `role:${role}`));
    const templateId = template?.id ?? '';
    return {
      sessionId: id,
      path,
      project,
      tasks,
      role,
      strategy: session.strategy,
      skills,
      model,
      templateId,
      context,
    };
  }

  /** Until the result is told: the session would else wait for ever. Ended by the state's own end, or the server's. */
  async #report(id: string, result: (at: number) => SessionCommand, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#options.tell(id, result);
        return;
      } catch (error) {
        if (!isTransient(error)) {
          // A session that was deleted meanwhile has no use for the result; all else is a fault.
          if (!isGone(error)) this.#options.onFault(id, asError(error));
          return;
        }
        await this.#options.clock.until(this.#options.clock.now() + RETRY_MS, signal).catch(() => undefined);
      }
    }
  }
}

const isTransient = (error: unknown): boolean =>
  error instanceof MaestroError && (error.code === 'STORAGE_UNAVAILABLE' || error.code === 'OVERLOADED');

const isGone = (error: unknown): boolean =>
  error instanceof MaestroError && error.code === 'SESSION_NOT_FOUND';
