// Random requests over HTTP, beside a reference that is written down from the contract: after each request the statuses
// and the states agree, and after a restart too. MODEL_STEPS says how many (1,500); SEED repeats a run.
import fc from 'fast-check';
import { expect, it, onTestFailed } from 'vitest';
import type { Api } from '../support/api.ts';
import { startServer } from '../support/server.ts';
import { Reference } from './reference.ts';

const STEPS = Number(process.env['MODEL_STEPS'] ?? 1_500);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const LIMIT_MS = 60_000 + STEPS * 60;
/** Few records, so that requests meet. */
const MOST = { tasks: 9, sessions: 5 };

const kinds = [
  ...['createTask', 'createTask', 'changeTask', 'moveTask', 'reportTask', 'deleteTask'],
  ...['createSession', 'createSession', 'status', 'status', 'say', 'say', 'answer', 'deleteSession'],
  ...['associate', 'dissociate', 'start', 'start', 'complete', 'fail', 'skip', 'push', 'push', 'restart'],
] as const;

const statuses = ['spawning', 'idle', 'working', 'completed', 'failed', 'stopped'];
const types = ['needs_input', 'needs_input', 'progress', 'error'];
const reports = ['working', 'blocked', 'needs_input'];

const steps = fc.record({
  kind: fc.constantFrom(...kinds),
  a: fc.nat(1000),
  b: fc.nat(1000),
  c: fc.nat(1000),
});
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

interface Answered {
  status: number;
  id?: string | undefined;
}

it(
  `${STEPS} requests leave the server where the contract says (seed ${SEED})`,
  async () => {
    let server = await startServer({ SPAWN_DEADLINE_MS: '2000000000' });
    const projects = [await server.api.project(), await server.api.project()];
    const reference = new Reference();
    const trace: string[] = [];
    const met = new Map<number, number>();
    onTestFailed(() => {
      console.error(`the last requests:\n${trace.slice(-25).join('\n')}`);
    });
    for (const step of fc.sample(steps, { seed: SEED, numRuns: STEPS })) {
      if (step.kind === 'restart') {
        if (step.a % 4 > 0) continue;
        trace.push('restart');
        server = await server.restart();
      } else {
        const wanted = await request(server.api, reference, projects, step, trace);
        if (wanted === null) continue;
        met.set(wanted, (met.get(wanted) ?? 0) + 1);
      }
      await compare(server.api, reference);
    }
    console.log([...met].map(([status, count]) => `${count} x ${status}`).join(', '));
    for (const status of [200, 201, 400, 404, 422])
      expect(met.get(status), String(status)).toBeGreaterThan(STEPS / 100);
  },
  LIMIT_MS,
);

/** @returns null when there was nothing to ask for. */
async function request(api: Api, reference: Reference, projects: string[], step: Step, trace: string[]) {
  const { kind, a, b, c } = step;
  const tasks = [...reference.tasks.keys()];
  const sessions = [...reference.sessions.keys()];
  const pick = (list: readonly string[], number: number, none: string): string =>
    [...list, none][number % (list.length + 1)] ?? none;
  const task = pick(tasks, a, 'task_none');
  const other = pick(tasks, b, 'task_none');
  const session = pick(sessions, c, 'sess_none');
  const project = projects[a % 2] ?? '';
  const path = `/api/sessions/${session}`;
  const told = (method: 'post' | 'patch' | 'delete', url: string, body?: object): Promise<Answered> => {
    trace.push(`${method} ${url} ${JSON.stringify(body ?? {})}`);
    const sent = method === 'delete' ? api.delete(url) : api[method](url, body ?? {});
    return sent.then(({ status, body: answer }) => ({ status, id: answer.id }));
  };

  const ask = async (): Promise<[Answered, number] | null> => {
    switch (kind) {
      case 'createTask': {
        if (tasks.length >= MOST.tasks) return null;
        const parentId = b % 3 === 0 ? other : null;
        const answer = await told('post', '/api/tasks', { projectId: project, title: 'T', parentId });
        return [answer, reference.createTask(answer.id ?? '', project, parentId)];
      }
      case 'changeTask': {
        const status = ['todo', 'in_progress', 'completed', 'blocked'][b % 4] ?? 'todo';
        return [
          await told('patch', `/api/tasks/${task}`, { status }),
          reference.changeTask(task, { status }),
        ];
      }
      case 'moveTask': {
        const parentId = c % 4 === 0 ? null : other;
        return [
          await told('patch', `/api/tasks/${task}`, { parentId }),
          reference.changeTask(task, { parentId }),
        ];
      }
      case 'reportTask': {
        const sessionStatus = reports[b % reports.length] ?? '';
        const body = { updateSource: 'session', sessionId: session, sessionStatus, title: 'dropped' };
        return [await told('patch', `/api/tasks/${task}`, body), reference.reportTask(task, sessionStatus)];
      }
      case 'deleteTask':
        return [await told('delete', `/api/tasks/${task}`), reference.deleteTask(task)];
      case 'createSession': {
        if (sessions.length >= MOST.sessions) return null;
        const strategy = b % 3 === 0 ? 'simple' : 'queue';
        const status = statuses[c % statuses.length] ?? 'idle';
        const taskIds = a % 5 === 0 ? [task] : tasks.filter((_, index) => (a + index) % 2 === 0);
        const answer = await told('post', '/api/sessions', { projectId: project, taskIds, strategy, status });
        return [answer, reference.createSession(answer.id ?? '', project, taskIds, strategy, status)];
      }
      case 'status': {
        const status = statuses[b % statuses.length] ?? 'idle';
        return [await told('patch', path, { status }), reference.changeStatus(session, status)];
      }
      case 'say': {
        const type = types[b % types.length] ?? 'progress';
        return [await told('post', `${path}/timeline`, { type, message: 'm' }), reference.say(session, type)];
      }
      case 'answer':
        return [await told('post', `${path}/answer`, { message: 'm' }), reference.answer(session)];
      case 'deleteSession':
        return [await told('delete', path), reference.deleteSession(session)];
      case 'associate':
        return [await told('post', `${path}/tasks/${task}`), reference.associate(session, task)];
      case 'dissociate':
        return [await told('delete', `${path}/tasks/${task}`), reference.dissociate(session, task)];
      case 'start':
        return [await told('post', `${path}/queue/start`), reference.start(session)];
      case 'complete':
        return [await told('post', `${path}/queue/complete`), reference.finish(session, 'completed')];
      case 'fail':
        return [await told('post', `${path}/queue/fail`), reference.finish(session, 'failed')];
      case 'skip':
        return [await told('post', `${path}/queue/skip`), reference.skip(session)];
      case 'push':
        return [await told('post', `${path}/queue/push`, { taskId: task }), reference.push(session, task)];
      default:
        return null;
    }
  };
  const asked = await ask();
  if (asked === null) return null;
  const [{ status }, wanted] = asked;
  trace.push(`  → ${status}`);
  // -1: the contract does not say.
  if (wanted !== -1) expect(status, trace.at(-2)).toBe(wanted);
  return wanted;
}

async function compare(api: Api, reference: Reference): Promise<void> {
  const [tasks, sessions] = await Promise.all([api.get('/api/tasks'), api.get('/api/sessions')]);
  const shownTasks = tasks.body.map((task: any) => [
    task.id,
    {
      projectId: task.projectId,
      parentId: task.parentId,
      status: task.status,
      sessionStatus: task.sessionStatus,
      sessionIds: task.sessionIds,
    },
  ]);
  expect(Object.fromEntries(shownTasks)).toEqual(Object.fromEntries(reference.tasks));
  const shownSessions = sessions.body.map(({ id, projectId, taskIds, strategy, status, needsInput }: any) => [
    id,
    { projectId, taskIds, strategy, status, asks: needsInput?.active === true },
  ]);
  expect(Object.fromEntries(shownSessions)).toEqual(Object.fromEntries(reference.sessions));
  for (const [id, { items }] of reference.queues) {
    const { queue } = (await api.get(`/api/sessions/${id}/queue`)).body;
    expect(queue.items.map(({ taskId, status }: any) => ({ taskId, status }))).toEqual(items);
    expect(queue.currentIndex).toBe(items.findIndex(({ status }) => status === 'processing'));
  }
}
