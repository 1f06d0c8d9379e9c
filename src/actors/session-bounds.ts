// What one session may hold: a request is bounded, but not how many there are. So no answer that shows a session, and no
// file of it, grows without end.
import { SESSION_ENV_BYTES, SESSION_METADATA_BYTES, written } from '../domain/bounds.ts';
import { MaestroError } from '../domain/errors.ts';
import { Log } from '../domain/log.ts';
import type { Session, SessionChange } from '../domain/session.ts';

const bounds = { env: SESSION_ENV_BYTES, metadata: SESSION_METADATA_BYTES };

const bytesOf = (value: object = {}): number => Buffer.byteLength(JSON.stringify(value));

/**
 * `before` with the change's `env` and `metadata` merged into its own; only what the change has.
 * @throws PAYLOAD_TOO_LARGE, naming the field, when it grew past its bound. What a spawn began with may be larger; it may
 *   shrink, but not grow.
 */
export function mergeMaps(
  before: Session,
  change: SessionChange,
): Pick<Partial<Session>, 'env' | 'metadata'> {
  const env = change.env && { ...before.env, ...change.env };
  const metadata = change.metadata && { ...before.metadata, ...change.metadata };
  for (const [field, merged] of Object.entries({ env, metadata }) as [
    'env' | 'metadata',
    object | undefined,
  ][]) {
    if (merged === undefined) continue;
    const bytes = bytesOf(merged);
    if (bytes <= bounds[field] || bytes <= bytesOf(before[field])) continue;
    const problem = `must have at most ${written(bounds[field])} bytes of JSON in a session, it would have ${written(bytes)}`;
    throw new MaestroError('PAYLOAD_TOO_LARGE', `${field} ${problem}`, { [field]: problem });
  }
  return { ...(env && { env }), ...(metadata && { metadata }) };
}

/** Tasks in one session. */
export const SESSION_TASKS = 10_000;
/** Bytes of JSON: the timeline and the events of one session together, as far as clients write them. */
export const SESSION_LOG_BYTES = 16 * 1024 * 1024;
/** Bytes of JSON beyond SESSION_LOG_BYTES for what rules write: a full session can still be moved and ended. */
export const SESSION_NOTES_BYTES = 1024 * 1024;

/** @param field of the request @throws PAYLOAD_TOO_LARGE. */
export function refuseTooManyTasks(count: number, field: string): void {
  if (count <= SESSION_TASKS) return;
  throw new MaestroError(
    'PAYLOAD_TOO_LARGE',
    `${field}: the session would have ${count} tasks; a session has at most ${SESSION_TASKS}`,
    { [field]: `must leave the session at most ${SESSION_TASKS} tasks` },
  );
}

/** @param added what a client appends to the list that `field` names @throws PAYLOAD_TOO_LARGE. */
export function refuseTooLargeLog(session: Session, field: 'timeline' | 'events', added: object[]): void {
  const bytes = logBytes(session) + Log.from(added).jsonBytes;
  if (bytes <= SESSION_LOG_BYTES) return;
  throw new MaestroError(
    'PAYLOAD_TOO_LARGE',
    `${field}: the timeline and events of session ${session.id} would have ${bytes} bytes; ` +
      `they have at most ${SESSION_LOG_BYTES} together`,
    { [field]: `must leave the session's timeline and events at most ${SESSION_LOG_BYTES} bytes` },
  );
}

/** Whether an entry that a rule writes is still taken. */
export const hasRoomForNotes = (session: Session): boolean =>
  logBytes(session) <= SESSION_LOG_BYTES + SESSION_NOTES_BYTES;

const logBytes = ({ timeline, events }: Session): number => timeline.jsonBytes + events.jsonBytes;
