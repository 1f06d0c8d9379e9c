import { Router, type Request, type Response } from 'express';
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
  hostName,
  leaveSession,
  type Added,
} from '../actors/sessions.ts';
import { invalid } from '../domain/errors.ts';
import { hasEnded, SessionChange, SessionDraft, SessionStatusWord, type Session } from '../domain/session.ts';
import { SessionEventDraft, TimelineDraft } from '../domain/timeline.ts';
import type { Keep } from '../records/records.ts';
import type { Turn } from '../records/turn.ts';
import type { Supervisor } from '../actors/supervisor.ts';
import type { HttpContext } from './context.ts';
import type { Reply } from './idempotency.ts';
import { bodyOf, param, queryText, queryWord, read } from './input.ts';
import { asNotFound } from './not-found.ts';
import { sendJson } from './reply.ts';
import { sessionView, spawnView } from './views.ts';

export function sessions(context: HttpContext): Router {
  const { records, directory, idempotency, spawnDeadlineMs } = context;
  const router = Router();

  const committed = (id: string): Session => {
    const session = records.get('session', id);
    if (!session) throw sessionNotFound(id);
    return session;
  };

  /** Tells a session something and answers with it whole, or with what was added when the client prefers that. */
  const change = async (
    request: Request,
    response: Response,
    work: (turn: Turn, session: Supervisor) => Added,
    missing = asItIs,
  ): Promise<void> => {
    const id = param(request, 'id');
    const minimal = prefersMinimal(request, response);
    await idempotency.perform(request, response, {
      act: (keep: Keep<Added>) => missing(() => directory.find(id).tell(work, keep)),
      reply: (added) => (minimal ? minimalReply(added) : wholeReply(added.session, 200)),
    });
  };
  /** The same on the paths where what is missing is plainly NOT_FOUND, first and in a kept answer. */
  const changeBelow = (
    request: Request,
    response: Response,
    work: (turn: Turn, session: Supervisor) => Added,
  ): Promise<void> => asNotFound(() => change(request, response, work, asNotFound));

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

  router.get('/', (request, response) => {
    const projectId = queryText(request, 'projectId');
    const taskId = queryText(request, 'taskId');
    const status = queryWord(request, 'status', SessionStatusWord);
    const onlyActive = queryText(request, 'active') === 'true';
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
        !(onlyActive && hasEnded(session.status)),
    );
    sendJson(response, 200, found.map(sessionView));
  });

  router.post('/', async (request, response) => {
    const draft = read(SessionDraft, request);
    await idempotency.perform(request, response, {
      act: (keep: Keep<Session>) =>
        records.turn((turn) => createSession(turn, directory, draft, spawnDeadlineMs), keep),
      reply: (session) => wholeReply(session, 201),
    });
  });

  router.get('/:id', (request, response) =>
    sendJson(response, 200, sessionView(committed(param(request, 'id')))),
  );

  router.patch('/:id', async (request, response) => {
    const wanted = read(SessionChange, request);
    await change(request, response, (turn, session) => changeSession(turn, session, wanted));
  });

  router.delete('/:id', async (request, response) => {
    const id = param(request, 'id');
    await directory.find(id).tell(deleteSession);
    await context.removeSessionFolder(id);
    sendJson(response, 200, { success: true, id });
  });

  router.post('/:id/events', async (request, response) => {
    const draft = read(SessionEventDraft, request);
    await changeBelow(request, response, (turn, session) => {
      const events = addEvents(turn, session, [draft]);
      return { session: session.record(turn), events, timeline: [] };
    });
  });

  router.post('/:id/timeline', async (request, response) => {
    const draft = read(TimelineDraft, request);
    if (draft.message === undefined || draft.message === '')
      throw invalid('message is required', { message: 'is required' });
    await changeBelow(request, response, (turn, session) => {
      const timeline = addEntries(turn, session, [draft]);
      return { session: session.record(turn), events: [], timeline };
    });
  });

  /** Not a word from the agent: orchestrators and people associate too, so it ends no overdue wait. */
  const associate =
    (work: (turn: Turn, session: Supervisor, taskId: string) => void) =>
    async (request: Request, response: Response): Promise<void> => {
      const taskId = param(request, 'taskId');
      await changeBelow(request, response, (turn, session) => {
        const before = session.record(turn).timeline.length;
        work(turn, session, taskId);
        const after = session.record(turn);
        return { session: after, events: [], timeline: after.timeline.slice(before) };
      });
    };
  router.post('/:id/tasks/:taskId', associate(join));
  router.delete('/:id/tasks/:taskId', associate(leaveSession));

  router.post('/:id/answer', async (request, response) => {
    const { message } = bodyOf(request);
    if (typeof message !== 'string' || message === '')
      throw invalid('message is required', { message: 'is required' });
    await change(request, response, (turn, session) => answerQuestion(turn, session, message));
  });

  router.post('/:id/claim', async (request, response) => {
    const id = param(request, 'id');
    const host = hostName(bodyOf(request)['host']);
    const manifest = await manifestOf(committed(id));
    await idempotency.perform(request, response, {
      act: (keep: Keep<Claimed>) =>
        directory
          .find(id)
          .tell((turn, each) => ({ session: claimSpawn(turn, each, host), manifest: manifest() }), keep),
      reply: (claimed) => ({
        status: 200,
        body: spawnView(claimed.session, records.get('project', claimed.session.projectId), claimed.manifest),
      }),
    });
  });

  return router;
}

interface Claimed {
  session: Session;
  manifest: unknown;
}

const asItIs = <T>(work: () => Promise<T>): Promise<T> => work();

export const wholeReply = (session: Session, status: number): Reply => ({
  status,
  body: sessionView(session),
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
