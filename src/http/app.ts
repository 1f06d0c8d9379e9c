// express, put together: who may ask, what was asked, the routers, what is answered when nothing fits.
import express, { type Express } from 'express';
import { MaestroError } from '../domain/errors.ts';
import type { HttpContext } from './context.ts';
import { documents, type DocumentsOptions } from './documents.ts';
import { errorHandler, type ErrorLog } from './errors.ts';
import type { Guard } from './guard.ts';
import { health, type HealthOptions } from './health.ts';
import { readBody } from './input.ts';
import { machines } from './machines.ts';
import { page } from './page.ts';
import { needsNoToken, proof, type Prove } from './proof.ts';
import { projects } from './projects.ts';
import { queues } from './queues.ts';
import { requestLog, type RequestLog } from './request-log.ts';
import { sessions } from './sessions.ts';
import { spawns } from './spawns.ts';
import { skills } from './skills.ts';
import { tasks } from './tasks.ts';
import { templates } from './templates.ts';

export interface AppOptions {
  context: HttpContext;
  guard: Guard;
  health: HealthOptions;
  documents: DocumentsOptions;
  pageFolder: string;
  /** Null where no token is set. */
  prove: Prove | null;
  log: ErrorLog & RequestLog;
  newRequestId: () => string;
}

const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
  'Access-Control-Allow-Headers': 'content-type, authorization, prefer, idempotency-key',
  'Access-Control-Max-Age': '600',
};

export function createApp(options: AppOptions): Express {
  const { context, guard, log, newRequestId } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  // Asked once: nobody else pays for it.
  if (log.isLevelEnabled('debug')) app.use(requestLog(log, guard, options.health.now));

  app.use((request, response, next) => {
    guard.checkSource(request);
    for (const [name, value] of Object.entries(guard.corsHeaders(request))) response.setHeader(name, value);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, PREFLIGHT).end();
      return;
    }
    const path = guard.pathOf(request.url);
    if (!needsNoToken(request, path)) guard.checkToken(request, request.url, false);
    request.url = path;
    next();
  });
  app.use(readBody);

  app.use('/api/projects', projects(context));
  app.use('/api/tasks', tasks(context));
  app.use('/api/sessions', spawns(context));
  app.use('/api/sessions/:id/queue', queues(context));
  app.use('/api/sessions', sessions(context));
  app.use('/api/templates', templates(context));
  app.use('/api/skills', skills(context));
  app.use('/api', machines(context));
  // Last, so that nobody else passes by them.
  app.use(health(options.health));
  app.use(proof(options.prove));
  app.use(documents(options.documents));
  app.use(page(options.pageFolder));

  app.use((request, _response, next) => {
    next(new MaestroError('NOT_FOUND', `there is nothing at ${request.method} ${request.path}`));
  });
  app.use(errorHandler(log, newRequestId));
  return app;
}
