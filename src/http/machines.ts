// The statecharts, and where those of a session stand.
import type { Router } from 'express';
import { sessionNotFound } from '../actors/refusals.ts';
import { queueStanding, sessionStanding } from '../actors/standing.ts';
import { charts, configOf } from '../charts/machines.ts';
import { MaestroError } from '../domain/errors.ts';
import * as api from './api/machines.ts';
import type { HttpContext } from './context.ts';
import { sendJson } from './reply.ts';
import { Routes } from './routes.ts';
import { sinceOf } from './views.ts';

export function machines({ records }: Pick<HttpContext, 'records'>): Router {
  const routes = new Routes('/api');

  routes.on(api.listMachines, ({ response }) => sendJson(response, 200, charts));

  routes.on(api.getMachine, ({ response, params: { id } }) => {
    const chart = charts.find((each) => each.id === id);
    if (!chart) {
      const known = charts.map((each) => each.id).join(' and ');
      throw new MaestroError('NOT_FOUND', `There is no machine "${id}"; there are ${known}`);
    }
    sendJson(response, 200, { ...chart, config: configOf(id) });
  });

  routes.on(api.getSessionState, ({ response, params: { id } }) => {
    const session = records.get('session', id);
    if (!session) throw sessionNotFound(id);
    const queue = records.get('queue', id);
    sendJson(response, 200, {
      id,
      ...sessionStanding(session),
      since: sinceOf(session),
      history: session.moves,
      queue: queue ? queueStanding(queue, session) : null,
    });
  });

  return routes.router;
}
