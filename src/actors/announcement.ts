// A spawn whose manifest is on disk: what its agent will find in its environment, and the facts that a terminal host
// waits for. `session:spawn` stands for the session's own fact in this commit.
import { join } from 'node:path';
import type { JsonObject } from '../domain/fields.ts';
import type { Session } from '../domain/session.ts';
import type { Turn } from '../records/turn.ts';

/** What sessions are told of this server; all paths absolute. */
export interface ServerFacts {
  serverUrl: string;
  dataDir: string;
  sessionDir: string;
}

export const manifestPathOf = (facts: ServerFacts, sessionId: string): string =>
  join(facts.sessionDir, sessionId, 'manifest.json');

export function announce(turn: Turn, session: Session, manifest: JsonObject, facts: ServerFacts): void {
  const { id, projectId } = session;
  const about = { projectId };
  turn.put(
    'session',
    { ...session, env: { ...session.env, ...environmentOf(session, facts) }, announced: true },
    { quietly: true },
  );
  turn.tell({ type: 'session:spawn', kind: 'session', id, ...about, data: {} }, { manifest });
  if (!session.announced) tellRelations(turn, session);
}

/** A spawn that came to nothing: watchers hear of the session all the same, since its tasks name it. */
export function reveal(turn: Turn, session: Session): void {
  turn.put('session', { ...session, announced: true });
  tellRelations(turn, session);
}

function tellRelations(turn: Turn, session: Session): void {
  const { id, projectId } = session;
  const about = { projectId };
  for (const taskId of session.taskIds) {
    turn.tell({ type: 'session:task_added', kind: 'session', id, ...about, data: { sessionId: id, taskId } });
    turn.tell({
      type: 'task:session_added',
      kind: 'task',
      id: taskId,
      ...about,
      data: { taskId, sessionId: id },
    });
  }
  if (session.strategy === 'queue') tellQueue(turn, session);
}

/** The queue was made with the session and told of by nobody, so that `session:spawn` could come first. */
function tellQueue(turn: Turn, { id, projectId, taskIds }: Session): void {
  for (const taskId of taskIds) turn.tell({ type: 'task:updated', kind: 'task', id: taskId, projectId });
  turn.tell({ type: 'queue:created', kind: 'queue', id, projectId });
}

function environmentOf(session: Session, facts: ServerFacts): Record<string, string> {
  return {
    MAESTRO_SESSION_ID: session.id,
    MAESTRO_MANIFEST_PATH: manifestPathOf(facts, session.id),
    MAESTRO_SERVER_URL: facts.serverUrl,
    MAESTRO_API_URL: facts.serverUrl,
    MAESTRO_STRATEGY: session.strategy,
    MAESTRO_PROJECT_ID: session.projectId,
    DATA_DIR: facts.dataDir,
    SESSION_DIR: facts.sessionDir,
  };
}
