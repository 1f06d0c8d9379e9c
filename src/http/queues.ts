import { Router, type Request, type Response } from 'express';
import {
  completeCurrent,
  failCurrent,
  pushTask,
  queueIn,
  skipItem,
  startNext,
  type Moved,
} from '../actors/queue-moves.ts';
import { sessionNotFound } from '../actors/refusals.ts';
import type { Supervisor } from '../actors/supervisor.ts';
import { invalid } from '../domain/errors.ts';
import { queueStats, type Queue } from '../domain/queue.ts';
import type { Turn } from '../records/turn.ts';
import type { HttpContext } from './context.ts';
import { bodyOf, param } from './input.ts';
import { asNotFound } from './not-found.ts';
import { sendJson } from './reply.ts';
import { queueView } from './views.ts';

const REASON_NOT_GIVEN = 'No reason given';

/** Below `/api/sessions/:id/queue`. */
export function queues({ records, directory, idempotency }: HttpContext): Router {
  const router = Router({ mergeParams: true });

  const committed = (request: Request): Promise<Queue> =>
    asNotFound(() => {
      const id = param(request, 'id');
      const session = records.get('session', id);
      if (!session) return Promise.reject(sessionNotFound(id));
      return Promise.resolve(queueIn({ find: records.get.bind(records) }, session));
    });

  const move = (
    request: Request,
    response: Response,
    work: (turn: Turn, session: Supervisor) => Moved,
    body: (moved: Moved) => object,
  ) =>
    asNotFound(() =>
      idempotency.perform(request, response, {
        act: (keep) => asNotFound(() => directory.find(param(request, 'id')).tell(work, keep)),
        reply: (moved: Moved) => ({ status: 200, body: { success: true, ...body(moved) } }),
      }),
    );

  router.get('/', async (request, response) => {
    const queue = await committed(request);
    sendJson(response, 200, { queue: queueView(queue), stats: queueStats(queue.items) });
  });

  router.get('/items', async (request, response) => {
    const { items } = await committed(request);
    sendJson(response, 200, { items, stats: queueStats(items) });
  });

  router.get('/top', async (request, response) => {
    const item = next(await committed(request));
    sendJson(
      response,
      200,
      item ? { hasMore: true, item } : { hasMore: false, item: null, message: 'No task waits in the queue' },
    );
  });

  router.post('/start', (request, response) =>
    move(request, response, startNext, ({ item, queue }) =>
      item
        ? { item, hasMore: next(queue) !== null, message: `Started task ${item.taskId}` }
        : { item: null, empty: true, hasMore: false, message: 'No task waits in the queue' },
    ),
  );

  const finished =
    (name: string, word: string) =>
    ({ item, queue }: Moved) => ({
      [name]: item,
      nextItem: next(queue),
      hasMore: next(queue) !== null,
      message: `Task ${item?.taskId ?? ''} ${word}`,
    });

  router.post('/complete', (request, response) =>
    move(request, response, completeCurrent, finished('completedItem', 'completed')),
  );

  router.post('/fail', (request, response) => {
    const { reason } = bodyOf(request);
    const text = typeof reason === 'string' && reason !== '' ? reason : REASON_NOT_GIVEN;
    return move(
      request,
      response,
      (turn, session) => failCurrent(turn, session, text),
      finished('failedItem', 'failed'),
    );
  });

  router.post('/skip', (request, response) =>
    move(request, response, skipItem, finished('skippedItem', 'skipped')),
  );

  router.post('/push', (request, response) => {
    const { taskId } = bodyOf(request);
    if (typeof taskId !== 'string' || taskId === '')
      throw invalid('taskId is required', { taskId: 'is required' });
    return move(
      request,
      response,
      (turn, session) => pushTask(turn, session, taskId),
      ({ item }) => ({ item }),
    );
  });

  return router;
}

const next = ({ items }: Queue) => items.find(({ status }) => status === 'queued') ?? null;
