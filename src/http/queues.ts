import type { Router } from 'express';
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
import { queueStats, type Queue } from '../domain/queue.ts';
import type { Turn } from '../records/turn.ts';
import type { Endpoint } from './api/endpoint.ts';
import * as api from './api/queues.ts';
import type { HttpContext } from './context.ts';
import { asNotFound } from './not-found.ts';
import { sendJson } from './reply.ts';
import { Routes, type Call } from './routes.ts';
import { queueView } from './views.ts';

const REASON_NOT_GIVEN = 'No reason given';

/** Below `/api/sessions/:id/queue`. */
export function queues({ records, directory, idempotency }: HttpContext): Router {
  const routes = new Routes('/api/sessions/{id}/queue');

  const committed = ({ id }: { id: string }): Promise<Queue> =>
    asNotFound(() => {
      const session = records.get('session', id);
      if (!session) return Promise.reject(sessionNotFound(id));
      return Promise.resolve(queueIn({ find: records.get.bind(records) }, session));
    });

  const move = <E extends Endpoint>(
    { request, response, params: { id } }: Call<E> & { params: { id: string } },
    work: (turn: Turn, session: Supervisor) => Moved,
    body: (moved: Moved) => object,
  ) =>
    asNotFound(() =>
      idempotency.perform(request, response, {
        act: (keep) => asNotFound(() => directory.find(id).tell(work, keep)),
        reply: (moved: Moved) => ({ status: 200, body: { success: true, ...body(moved) } }),
      }),
    );

  routes.on(api.getQueue, async ({ response, params }) => {
    const queue = await committed(params);
    sendJson(response, 200, { queue: queueView(queue), stats: queueStats(queue.items) });
  });

  routes.on(api.listItems, async ({ response, params }) => {
    const { items } = await committed(params);
    sendJson(response, 200, { items, stats: queueStats(items) });
  });

  routes.on(api.topItem, async ({ response, params }) => {
    const item = next(await committed(params));
    sendJson(
      response,
      200,
      item ? { hasMore: true, item } : { hasMore: false, item: null, message: 'No task waits in the queue' },
    );
  });

  routes.on(api.startItem, (call) =>
    move(call, startNext, ({ item, queue }) =>
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

  routes.on(api.completeItem, (call) => move(call, completeCurrent, finished('completedItem', 'completed')));

  routes.on(api.failItem, (call) => {
    const { reason } = call.body;
    const text = typeof reason === 'string' && reason !== '' ? reason : REASON_NOT_GIVEN;
    return move(call, (turn, session) => failCurrent(turn, session, text), finished('failedItem', 'failed'));
  });

  routes.on(api.skipItem, (call) => move(call, skipItem, finished('skippedItem', 'skipped')));

  routes.on(api.pushItem, (call) => {
    const { taskId } = call.body;
    return move(
      call,
      (turn, session) => pushTask(turn, session, taskId),
      ({ item }) => ({ item }),
    );
  });

  return routes.router;
}

const next = ({ items }: Queue) => items.find(({ status }) => status === 'queued') ?? null;
