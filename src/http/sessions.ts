import type { Request, Response, Router } from 'express';
import { join } from '../actors/associations.ts';
import { sessionNotFound } from '../actors/refusals.ts';
import {
  addEntries,
  addEvents,
  answerQuestion,
  changeSession,
  claimSpawn,
  createSession,
  deleteSession,
  leaveSession,
  type Added,
} from '../actors/sessions.ts';
import { MaestroError } from '../domain/errors.ts';
import { hasEnded, type Session } from '../domain/session.ts';
import type { Keep } from '../records/records.ts';
import type { Turn } from '../records/turn.ts';
import type { Supervisor } from '../actors/supervisor.ts';
import type { Endpoint } from './api/endpoint.ts';
import * as api from './api/sessions.ts';
import type { HttpContext } from './context.ts';
import type { Reply } from './idempotency.ts';
import { asNotFound } from './not-found.ts';
import { sendJson, sendList, sendSession, sendSessions } from './reply.ts';
import { Routes, type Call } from './routes.ts';
import { jsonWithSession, prepareSessionJson, sessionJson } from './session-json.ts';
import { sessionSummary, spawnFields } from './views.ts';

export function sessions(context: HttpContext): Router {
  const { records, directory, idempotency, spawnDeadlineMs } = context;
  const routes = new Routes('/api/sessions');

  const committed = (id: string): Session => {
    const session = records.get('session', id);
    if (!session) throw sessionNotFound(id);
    return session;
  };

  const summaryOf = (session: Session) => sessionSummary(session, records.get('queue', session.id));

  /** Tells a session something and answers with it whole, or with what was added when the client prefers that. */
  const change = async <E extends Endpoint>(
    { request, response, params: { id } }: OnSession<E>,
    work: (turn: Turn, session: Supervisor) => Added,
    missing = asItIs,
  ): Promise<void> => {
    const minimal = prefersMinimal(request, response);
    const present = records.get('session', id);
    if (present && !minimal) await prepareSessionJson(present);
    await idempotency.perform(request, response, {
      act: (keep: Keep<Added>) => missing(() => directory.find(id).tell(work, keep)),
      reply: (added) => (minimal ? minimalReply(added) : wholeReply(added.session, 200)),
    });
  };
  /** The same on the paths where what is missing is plainly NOT_FOUND, first and in a kept answer. */
  const changeBelow = <E extends Endpoint>(
    call: OnSession<E>,
    work: (turn: Turn, session: Supervisor) => Added,
  ): Promise<void> => asNotFound(() => change(call, work, asNotFound));

  /** Read before the turn of a claim, which is synchronous; a fault is thrown in it, so that the claim is not taken. */
  const manifestOf = async ({ manifestPath }: Session): Promise<() => unknown> => {
    if (manifestPath === undefined) return () => null;
    try {
      const manifest = await context.readManifest(manifestPath);
      return () => manifest;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  };

  routes.on(api.listSessions, ({ response, query: { projectId, taskId, status, active, view } }) => {
    const listed = (): Session[] => {
      if (taskId !== undefined) return records.listed('session', `task:${taskId}`);
      if (status !== undefined) return records.listed('session', `status:${status}`);
      if (projectId !== undefined) return records.listed('session', `project:${projectId}`);
      return records.all('session');
    };
    const found = listed().filter(
      (session) =>
        (projectId === undefined || session.projectId === projectId) &&
        (status === undefined || session.status === status) &&
        !(active === 'true' && hasEnded(session.status)),
    );
    if (view !== 'summary') return sendSessions(response, found);
    return sendList(response, found, (session) => [Buffer.from(`${JSON.stringify(summaryOf(session))},`)]);
  });

  routes.on(api.createSession, async ({ request, response, body: draft }) => {
    await idempotency.perform(request, response, {
      act: (keep: Keep<Session>) =>
        records.turn((turn) => createSession(turn, directory, draft, spawnDeadlineMs), keep),
      reply: (session) => wholeReply(session, 201),
    });
  });

  routes.on(api.getSession, ({ response, params: { id }, query: { view } }) => {
    const session = committed(id);
    if (view === 'summary') sendJson(response, 200, summaryOf(session));
    else return sendSession(response, session);
  });

  routes.on(api.changeSession, (call) => {
    const wanted = call.body;
    return change(call, (turn, session) => changeSession(turn, session, wanted));
  });

  routes.on(api.deleteSession, async ({ response, params: { id } }) => {
    const { id: present } = committed(id);
    await context.removeSessionFolder(present, () => directory.find(id).tell(deleteSession));
    sendJson(response, 200, { success: true, id });
  });

  routes.on(api.addEvent, (call) => {
    const draft = call.body;
    return changeBelow(call, (turn, session) => {
      const events = addEvents(turn, session, [draft]);
      return { session: session.record(turn), events, timeline: [] };
    });
  });

  routes.on(api.addEntry, (call) => {
    const draft = call.body;
    return changeBelow(call, (turn, session) => {
      const timeline = addEntries(turn, session, [draft]);
      return { session: session.record(turn), events: [], timeline };
    });
  });

  /** Not a word from the agent: orchestrators and people associate too, so it ends no overdue wait. */
  const associate =
    (work: (turn: Turn, session: Supervisor, taskId: string) => void) =>
    (call: Call<typeof api.addTask | typeof api.removeTask>): Promise<void> =>
      changeBelow(call, (turn, session) => {
        const before = session.record(turn).timeline.length;
        work(turn, session, call.params.taskId);
        const after = session.record(turn);
        return { session: after, events: [], timeline: after.timeline.slice(before) };
      });
  routes.on(api.addTask, associate(join));
  routes.on(api.removeTask, associate(leaveSession));

  routes.on(api.answerQuestion, (call) => {
    const { message } = call.body;
    return change(call, (turn, session) => answerQuestion(turn, session, message));
  });

  routes.on(api.getManifest, async ({ response, params: { id } }) => {
    const { manifestPath } = committed(id);
    if (manifestPath === undefined) throw new MaestroError('NOT_FOUND', `Session ${id} has no manifest`);
    const manifest = await context.readManifest(manifestPath).catch(() => undefined);
    if (manifest === undefined)
      throw new MaestroError('NOT_FOUND', `The manifest of session ${id} cannot be read any more`);
    sendJson(response, 200, manifest);
  });

  routes.on(api.claimSpawn, async ({ request, response, params: { id }, body: { host } }) => {
    const manifest = await manifestOf(committed(id));
    await idempotency.perform(request, response, {
      act: (keep: Keep<Claimed>) =>
        directory
          .find(id)
          .tell((turn, each) => ({ session: claimSpawn(turn, each, host), manifest: manifest() }), keep),
      reply: (claimed) => ({
        status: 200,
        json: () => {
          const project = records.get('project', claimed.session.projectId);
          return jsonWithSession(spawnFields(claimed.session, project, claimed.manifest), claimed.session);
        },
      }),
    });
  });

  return routes.router;
}

/** A call on a path that names a session. */
type OnSession<E extends Endpoint> = Call<E> & { params: { id: string } };

interface Claimed {
  session: Session;
  manifest: unknown;
}

const asItIs = <T>(work: () => Promise<T>): Promise<T> => work();

export const wholeReply = (session: Session, status: number): Reply => ({
  status,
  json: () => sessionJson(session),
  session: { id: session.id, shape: 'session' },
});

const minimalReply = ({ session, events, timeline }: Added): Reply => ({
  status: 200,
  body: {
    success: true,
    id: session.id,
    ...(events.length > 0 && { events }),
    ...(timeline.length > 0 && { timeline }),
  },
});

/** RFC 7240: whole sessions grow with their timelines; an agent that reports needs none of it back. */
function prefersMinimal(request: Request, response: Response): boolean {
  const minimal = /(?:^|[,;\s])return\s*=\s*"?minimal"?(?:$|[,;\s])/i.test(request.get('Prefer') ?? '');
  if (minimal) response.setHeader('Preference-Applied', 'return=minimal');
  return minimal;
}
