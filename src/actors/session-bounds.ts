// What one session may hold: no answer that shows it, and no file of it, grows without end.
import { MaestroError } from '../domain/errors.ts';
import { Log } from '../domain/log.ts';
import type { Session } from '../domain/session.ts';

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
