import type { Router } from 'express';
import { parseSpawnRequest } from '../domain/spawn.ts';
import type { JsonObject } from '../domain/fields.ts';
import type { Session } from '../domain/session.ts';
import type { Records } from '../records/records.ts';
import * as api from './api/spawns.ts';
import type { HttpContext } from './context.ts';
import type { Reply } from './idempotency.ts';
import { bodyOf, withoutNulls } from './input.ts';
import { Routes } from './routes.ts';
import { jsonWithSession } from './session-json.ts';
import { sessionView, spawnFields } from './views.ts';

export function spawns({ records, spawns: orders, idempotency }: HttpContext): Router {
  const routes = new Routes('/api/sessions');
  const reply = (session: Session): Reply => ({
    status: 201,
    json: () => jsonWithSession(spawnAnswerFields(session, records), session),
    session: { id: session.id, shape: 'spawn' },
  });

  routes.on(api.spawn, async ({ request, response }) => {
    const wanted = parseSpawnRequest(
      withoutNulls(bodyOf(request)),
      (id) => records.newest('session', id) !== undefined,
    );
    await idempotency.perform(request, response, { act: (keep) => orders.spawn(wanted, keep), reply });
  });

  routes.on(api.respawn, async ({ request, response, params: { id } }) => {
    await idempotency.perform(request, response, { act: (keep) => orders.respawn(id, keep), reply });
  });

  return routes.router;
}

/** The answer to a spawn: what a terminal host needs, and the session. */
export const spawnAnswer = (session: Session, records: Records): unknown => ({
  ...spawnAnswerFields(session, records),
  session: sessionView(session),
});

function spawnAnswerFields(session: Session, records: Records): JsonObject {
  const { command, cwd, envVars } = spawnFields(session, records.get('project', session.projectId), null);
  return {
    success: true,
    sessionId: session.id,
    manifestPath: session.manifestPath,
    message: `Session ${session.id} waits for a terminal host to start it`,
    command,
    initialCommand: command,
    cwd,
    envVars,
  };
}
