// What clients see of records. Three shapes are kept apart: on disk, in the machine, on the wire.
import type { Change } from '../domain/commit.ts';
import { assertNever } from '../domain/errors.ts';
import { JsonObject } from '../domain/fields.ts';
import type { Project } from '../domain/project.ts';
import { queueStats, type Queue } from '../domain/queue.ts';
import type { Session } from '../domain/session.ts';

/** Fields of the session's record that are ours alone. */
const hidden = [
  'moves',
  'spawn',
  'phase',
  'attempt',
  'deadline',
  'claimedBy',
  'manifestFailedAt',
  'manifestError',
  'announced',
] as const;

const known = ['role', 'spawnSource', 'spawnedBy', 'model'] as const;

/** The session, with what is known of its spawn at the top level, where the UI reads it. */
export function sessionView(session: Session): JsonObject {
  const view: JsonObject = { ...session };
  for (const field of hidden) delete view[field];
  Object.assign(view, knownIn(session.spawn ?? session.metadata ?? {}));
  if (session.phase === 'overdue') view['overdue'] = true;
  return view;
}

const queueProgress = ({ items }: Queue): JsonObject => ({
  ...queueStats(items),
  current: items.find(({ status }) => status === 'processing')?.taskId ?? null,
});

/** When it came into the state that it is in, Unix milliseconds. */
export const sinceOf = ({ moves, startedAt }: Session): number => moves.at(-1)?.at ?? startedAt;

/** A session for lists that are looked at: without what grows, but with the last that was said. */
export function sessionSummary(session: Session, queue: Queue | undefined): JsonObject {
  const view = sessionView(session);
  for (const field of ['timeline', 'events', 'env']) delete view[field];
  const { timeline } = session;
  return {
    ...view,
    entries: timeline.length,
    last: timeline.at(-1) ?? null,
    since: sinceOf(session),
    queue: queue ? queueProgress(queue) : null,
  };
}

function knownIn(source: JsonObject): JsonObject {
  const found: JsonObject = {};
  for (const field of known) if (source[field] !== undefined) found[field] = source[field];
  return found;
}

/**
 * `view=changes`: the fields that changed (null for one that went), what was appended, and the index at which the first
 * item of each list stands.
 * @param isSpawned whether the session has an order: only without one does its view read the metadata.
 */
export function sessionChangesView(id: string, changes: Change[], isSpawned: boolean): JsonObject {
  const fields: JsonObject = {};
  const appended: Record<string, unknown[]> = {};
  const appendedAt: Record<string, number> = {};
  for (const change of changes) {
    switch (change.op) {
      case 'put':
        Object.assign(fields, change.record);
        break;
      case 'set':
        Object.assign(fields, change.fields);
        for (const name of change.gone ?? []) fields[name] = null;
        break;
      case 'write':
        if (change.list === 'moves') break;
        appended[change.list] = (appended[change.list] ?? []).concat(change.items);
        appendedAt[change.list] ??= change.at;
        break;
      case 'drop':
        break;
      default:
        assertNever(change);
    }
  }
  if ('phase' in fields) fields['overdue'] = fields['phase'] === 'overdue' ? true : null;
  const metadata = JsonObject.safeParse(fields['metadata']);
  if (metadata.success && !isSpawned) Object.assign(fields, knownIn(metadata.data));
  for (const field of hidden) delete fields[field];
  return { id, changes: fields, ...(Object.keys(appended).length > 0 && { appended, appendedAt }) };
}

export function queueView({ interruptedIndex: _, ...queue }: Queue): JsonObject {
  return queue;
}

/** What a terminal host needs to start the agent: the data of `session:spawn`, and of a claim. */
export const spawnView = (session: Session, project: Project | undefined, manifest: unknown): JsonObject => ({
  session: sessionView(session),
  ...spawnFields(session, project, manifest),
});

/** The same without the session itself. */
export function spawnFields(
  session: Session,
  project: Project | undefined,
  manifest: unknown,
): { command: string; cwd: string; envVars: Record<string, string> } & JsonObject {
  const command = `maestro ${session.spawn?.role ?? 'worker'} init`;
  return {
    command,
    cwd: project?.workingDir ?? '',
    envVars: session.env,
    manifest,
    projectId: session.projectId,
    taskIds: session.taskIds,
    spawnSource: session.spawn?.spawnSource ?? 'ui',
    parentSessionId: session.spawn?.spawnedBy ?? null,
    _isSpawnCreated: true,
  };
}
