// Whatever happens to sessions: what a client of `view=changes` puts together from facts is what GET shows, field by field.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '../support/changes.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { Watch, type Heard } from '../support/watch.ts';
import { cliIn, good, withCli } from './spawning.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const RUNS = 8;
const TASKS = 3;

const index = fc.nat({ max: 5 });
const tasks = fc.subarray([0, 1, 2]);
const status = fc.constantFrom('idle', 'working', 'completed', 'failed', 'stopped');
const id = fc.option(fc.constantFrom('evt_a', 'evt_b', 'evt_c'), { nil: undefined });
const entries = fc.array(
  fc.record({ id, type: fc.constantFrom('progress', 'needs_input'), message: fc.constant('m') }),
  { maxLength: 3 },
);
const events = fc.array(fc.record({ id, type: fc.constant('e') }), { maxLength: 2 });
const fields = fc.record(
  {
    status,
    name: fc.constantFrom('One', 'Two'),
    env: fc.constantFrom({ A: '1' }, { B: '2' }),
    metadata: fc.constantFrom({ role: 'worker' }, { model: 'opus' }, { more: true }),
    needsInput: fc.constantFrom({ active: true, message: 'Which?' }, { active: false }),
    timeline: entries,
    events,
  },
  { requiredKeys: [] },
);

const step = fc.oneof(
  fc.record({ is: fc.constant('create'), tasks, strategy: fc.constantFrom('simple', 'queue'), status }),
  fc.record({
    is: fc.constant('spawn'),
    tasks,
    strategy: fc.constantFrom('simple', 'queue'),
    fails: fc.boolean(),
  }),
  fc.record({ is: fc.constant('change'), at: index, fields, tasks: fc.option(tasks, { nil: undefined }) }),
  fc.record({ is: fc.constant('change'), at: index, fields, tasks: fc.constant(undefined) }),
  fc.record({ is: fc.constantFrom('link', 'unlink', 'push'), at: index, task: index }),
  fc.record({ is: fc.constantFrom('start', 'complete', 'fail', 'skip'), at: index }),
  fc.record({ is: fc.constantFrom('respawn', 'claim', 'answer', 'delete'), at: index }),
  fc.record({ is: fc.constant('sessionsOfTask'), task: index, ats: fc.uniqueArray(index, { maxLength: 2 }) }),
  fc.record({ is: fc.constant('deleteTask'), task: index }),
  fc.record({ is: fc.constantFrom('begin', 'leave', 'return') }),
);
type Step = any;

/** A client that reads the sessions once, and then only applies facts. */
class Follower {
  readonly #url: string;
  readonly #sessions = new Map<string, any>();
  /** Sessions that it heard of and has never seen whole. */
  readonly unseen = new Set<string>();
  #watch: Watch | null = null;
  #applied = 0;
  seq = 0;

  constructor(url: string, sessions: any[], seq: number) {
    this.#url = url;
    this.seq = seq;
    for (const session of sessions) this.take(session);
  }

  take(session: any): void {
    this.#sessions.set(session.id, structuredClone(session));
    this.unseen.delete(session.id);
  }

  get isHere(): boolean {
    return this.#watch !== null;
  }

  async connect(): Promise<void> {
    this.#watch ??= await Watch.open(this.#url, `?view=changes&topics=all&since=${this.seq}`);
  }

  leave(): void {
    this.#watch?.socket.terminate();
    this.#watch = null;
    this.#applied = 0;
  }

  async hearUpTo(seq: number): Promise<void> {
    const watch = this.#watch;
    if (!watch) return;
    if (seq > this.seq) await watch.until(() => (watch.heard.at(-1)?.seq ?? 0) >= seq);
    for (const heard of watch.heard.slice(this.#applied)) this.#apply(heard);
    this.#applied = watch.heard.length;
  }

  get(sessionId: string): any {
    return this.#sessions.get(sessionId);
  }

  get ids(): string[] {
    return [...this.#sessions.keys()].sort();
  }

  #apply({ type, data, seq }: Heard): void {
    this.seq = seq;
    if (type === 'session:created') this.take(data);
    else if (type === 'session:spawn') this.take(data.session);
    else if (type === 'session:deleted') {
      this.#sessions.delete(data.id);
      this.unseen.delete(data.id);
    } else if (type === 'session:updated') {
      const known = this.#sessions.get(data.id);
      if (known) apply(known, data);
      else this.unseen.add(data.id);
    }
  }
}

class Run {
  readonly #server: TestServer;
  #projectId = '';
  readonly #tasks: string[] = [];
  readonly #sessions: string[] = [];
  #follower: Follower | null = null;

  constructor(server: TestServer) {
    this.#server = server;
  }

  async play(steps: Step[]): Promise<void> {
    const { api } = this.#server;
    this.#projectId = await api.project();
    while (this.#tasks.length < TASKS) this.#tasks.push(await api.task(this.#projectId));
    for (const each of steps) {
      await this.#do(each);
      await this.#compare();
    }
    this.#follower?.leave();
    for (const sessionId of this.#sessions) await api.delete(`/api/sessions/${sessionId}`);
  }

  async #do(step: Step): Promise<void> {
    const { api } = this.#server;
    const projectId = this.#projectId;
    const at = this.#sessions[step.at % Math.max(1, this.#sessions.length)] ?? 'sess_none';
    const path = `/api/sessions/${at}`;
    const taskAt = (each: number): string => this.#tasks[each % TASKS] ?? '';
    const taskIds = step.tasks?.map(taskAt);
    switch (step.is) {
      case 'create': {
        const { strategy, status } = step;
        this.#sessions.push(
          (await api.post('/api/sessions', { projectId, taskIds, strategy, status })).body.id,
        );
        return;
      }
      case 'spawn': {
        const role = step.fails ? 'orchestrator' : 'worker';
        const order = { projectId, taskIds: taskIds.length > 0 ? taskIds : [taskAt(0)], role };
        const { body } = await api.post('/api/sessions/spawn', { ...order, strategy: step.strategy });
        const sessionId = body.sessionId ?? body.details?.sessionId;
        if (sessionId && !this.#sessions.includes(sessionId)) this.#sessions.push(sessionId);
        return;
      }
      case 'change':
        await api.patch(path, { ...step.fields, ...(taskIds && { taskIds }) });
        return;
      case 'link':
        await api.post(`${path}/tasks/${taskAt(step.task)}`);
        return;
      case 'unlink':
        await api.delete(`${path}/tasks/${taskAt(step.task)}`);
        return;
      case 'push':
        await api.post(`${path}/queue/push`, { taskId: taskAt(step.task) });
        return;
      case 'start':
      case 'complete':
      case 'fail':
      case 'skip':
        await api.post(`${path}/queue/${step.is}`, {});
        return;
      case 'respawn':
        await api.post(`${path}/respawn`, {});
        return;
      case 'claim':
        await api.post(`${path}/claim`, { host: 'here' });
        return;
      case 'answer':
        await api.post(`${path}/answer`, { message: 'That' });
        return;
      case 'delete':
        await api.delete(path);
        return;
      case 'sessionsOfTask': {
        const sessionIds = step.ats.flatMap((each: number) => this.#sessions[each] ?? []);
        await api.patch(`/api/tasks/${taskAt(step.task)}`, { sessionIds });
        return;
      }
      case 'deleteTask':
        await api.delete(`/api/tasks/${taskAt(step.task)}`);
        this.#tasks[step.task % TASKS] = await api.task(projectId);
        return;
      case 'begin':
        await this.#begin();
        return;
      case 'leave':
        this.#follower?.leave();
        return;
      default:
        await this.#follower?.connect();
    }
  }

  async #all(): Promise<any[]> {
    return (await this.#server.api.get(`/api/sessions?projectId=${this.#projectId}`)).body;
  }

  async #begin(): Promise<void> {
    if (this.#follower) return;
    const { seq } = (await this.#server.api.get('/health')).body;
    this.#follower = new Follower(this.#server.api.url, await this.#all(), seq);
    await this.#follower.connect();
  }

  async #compare(): Promise<void> {
    const follower = this.#follower;
    if (!follower?.isHere) return;
    await follower.hearUpTo((await this.#server.api.get('/health')).body.seq);
    const all = await this.#all();
    // A spawn whose first manifest failed was never told whole.
    for (const session of all) if (follower.unseen.has(session.id)) follower.take(session);
    expect(follower.ids).toEqual(all.map((session) => session.id).sort());
    for (const session of all) expect(follower.get(session.id)).toEqual(session);
  }
}

const failing = `case "$*" in *orchestrator*) echo broken >&2; exit 1;; esac\n${good}`;

describe.each([
  ['the CLI, which fails now and then', () => withCli(cliIn(temporaryFolder(), failing))],
  ['the process', () => ({})],
])('with manifests made by %s', (_, environment) => {
  it(`changes put together are the session (seed ${seed})`, async () => {
    const server = await startServer(environment());
    const history = fc.tuple(fc.nat({ max: 8 }), fc.array(step, { minLength: 10, maxLength: 30 }));
    await fc.assert(
      fc.asyncProperty(history, ([beginAt, steps]) =>
        new Run(server).play(steps.toSpliced(beginAt, 0, { is: 'begin' } as Step)),
      ),
      { seed, numRuns: RUNS, endOnFailure: true },
    );
  }, 120_000);
});
