// Histories of what clients ask, and their play on the real server in this process.
import fc from 'fast-check';
import type { Api } from '../support/api.ts';
import type { Fault } from './recorder.ts';

const kinds = [
  'project',
  'template',
  'task',
  'task',
  'subtask',
  'changeTask',
  'session',
  'queueSession',
  'spawn',
  'changeSession',
  'say',
  'say',
  'event',
  'start',
  'start',
  'complete',
  'fail',
  'skip',
  'push',
  'associate',
  'dissociate',
  'deleteTask',
  'deleteSession',
  'restart',
  'fault',
] as const;

/** `a` and `b` pick among what there is; `together` sends it while the one before it is under way. */
export interface Step {
  kind: (typeof kinds)[number];
  a: number;
  b: number;
  together: boolean;
}

export const histories: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    a: fc.nat(1000),
    b: fc.nat(1000),
    together: fc.boolean(),
  }),
  { minLength: 30, maxLength: 50 },
);

export interface Stage {
  api: Api;
  /** Stops the server and starts it again on the same data. */
  restart: () => Promise<Api>;
  /** The disk fails the next change; resolves when the server takes changes again. */
  fault: (kind: Fault) => Promise<void>;
  /** An answer came: this record was made or changed by it. */
  answered: (key: string) => void;
}

const statuses = ['idle', 'working', 'completed', 'failed', 'stopped', 'spawning'];
const types = ['progress', 'needs_input', 'error', 'milestone'];

/** Plays a history. @throws when the server fails (5xx), which nothing in it gives a reason for. */
export async function play(steps: readonly Step[], stage: Stage): Promise<void> {
  let { api } = stage;
  const known = { projects: [] as string[], tasks: [] as string[], sessions: [] as string[] };
  let running: Promise<void>[] = [];
  for (const step of [{ kind: 'project', a: 0, b: 0, together: false } as Step, ...steps]) {
    if (!step.together || step.kind === 'restart' || step.kind === 'fault') {
      await Promise.all(running);
      running = [];
    }
    if (step.kind === 'restart') api = await stage.restart();
    else if (step.kind === 'fault') await stage.fault(step.a % 2 ? 'failedSync' : 'shortWrite');
    else running.push(ask(api, step, known, stage.answered));
  }
  await Promise.all(running);
}

interface Known {
  projects: string[];
  tasks: string[];
  sessions: string[];
}

async function ask(
  api: Api,
  { kind, a, b }: Step,
  known: Known,
  answered: (key: string) => void,
): Promise<void> {
  const of = (ids: readonly string[], number: number): string =>
    ids[number % Math.max(ids.length, 1)] ?? 'none';
  const [projectId, taskId, sessionId] = [of(known.projects, a), of(known.tasks, a), of(known.sessions, a)];
  const other = of(known.tasks, b);
  const session = `/api/sessions/${sessionId}`;
  const key = b % 3 === 0 ? { 'Idempotency-Key': `key-${kind}-${a % 5}` } : undefined;
  const post = (path: string, body: object = {}) => api.post(path, body, key);

  const request = () => {
    switch (kind) {
      case 'project':
        return post('/api/projects', { name: `P${a}` });
      case 'template':
        return post('/api/templates', { name: 'T', role: 'worker', content: `content ${a}` });
      case 'task':
        return post('/api/tasks', { projectId, title: `T${a}`, description: 'x'.repeat(a) });
      case 'subtask':
        return post('/api/tasks', { projectId, title: `S${a}`, parentId: other });
      case 'changeTask':
        return api.patch(`/api/tasks/${taskId}`, {
          title: `T${b}`,
          ...(b % 4 === 0 && { sessionIds: known.sessions.slice(0, b % 3) }),
        });
      case 'session':
      case 'queueSession':
        return post('/api/sessions', {
          projectId,
          taskIds: taskId === 'none' ? [] : [...new Set([taskId, other])],
          strategy: kind === 'session' ? 'simple' : 'queue',
          status: statuses[b % 2],
        });
      case 'spawn':
        return post('/api/sessions/spawn', {
          projectId,
          taskIds: [other],
          strategy: b % 2 ? 'queue' : 'simple',
        });
      case 'changeSession':
        return api.patch(session, { status: statuses[b % statuses.length], env: { A: String(b) } });
      case 'say':
        return post(`${session}/timeline`, { message: `said ${b}`, type: types[b % types.length] });
      case 'event':
        return post(`${session}/events`, { type: 'e', data: { b } });
      case 'start':
      case 'complete':
      case 'fail':
      case 'skip':
        return post(`${session}/queue/${kind}`);
      case 'push':
        return post(`${session}/queue/push`, { taskId: other });
      case 'associate':
        return post(`${session}/tasks/${other}`);
      case 'dissociate':
        return api.delete(`${session}/tasks/${other}`);
      case 'deleteTask':
        return api.delete(`/api/tasks/${taskId}`);
      case 'deleteSession':
        return api.delete(session);
      case 'restart':
      case 'fault':
        throw new Error(`${kind} is no request`);
    }
  };
  const { status, body } = await request();
  if (status >= 500) throw new Error(`${kind} was answered with ${status}: ${JSON.stringify(body)}`);
  if (status !== 201) return;
  const made = { project: known.projects, task: known.tasks, subtask: known.tasks } as Record<
    string,
    string[]
  >;
  const ids = made[kind] ?? known.sessions;
  const id: string = body.sessionId ?? body.id;
  if (kind !== 'template' && !ids.includes(id)) ids.push(id);
  const record =
    kind === 'subtask' ? 'task' : ['project', 'template', 'task'].includes(kind) ? kind : 'session';
  answered(`${record}/${id}`);
}
