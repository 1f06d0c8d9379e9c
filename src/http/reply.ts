// Answers as JSON. Long ones go out in slices that give the loop back, as fast as the client reads: the size of an answer
// is neither the length of a pause nor that of a string.
import type { ServerResponse } from 'node:http';
import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { Project } from '../domain/project.ts';
import type { Session } from '../domain/session.ts';
import type { Task } from '../domain/task.ts';
import { UNREAD_MS } from './answers.ts';
import { prepareSessionJson, sessionJson, sessionSlices } from './session-json.ts';

/** How long a slice is made before others have the loop. */
const SLICE_MS = 4;
/** How large a slice becomes. An answer that is no larger goes out at once, with its length. */
const SLICE_BYTES = 1024 * 1024;

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

/** Answers with JSON, serialised once. express's own json() would add an ETag over the whole text. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, JSON.stringify(body));
}

/** Answers with JSON that is text already. */
export function sendText(response: ServerResponse, status: number, text: string | Buffer): void {
  response.writeHead(status, { ...JSON_TYPE, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** A record is an immutable value, so its bytes are made once, and go when the record does. A comma ends them. */
const bytes = new WeakMap<object, Buffer>();

function bytesOf(record: Project | Task): Buffer {
  const known = bytes.get(record);
  if (known) return known;
  const made = Buffer.from(`${JSON.stringify(record)},`);
  bytes.set(record, made);
  return made;
}

/** Answers with records that are shown as they are: lists of thousands, of which few change between two requests. */
export const sendRecords = (
  response: ServerResponse,
  records: readonly (Project | Task)[],
): void | Promise<void> => sendList(response, records, (record) => [bytesOf(record)]);

/** Answers with whole sessions. */
export const sendSessions = (response: ServerResponse, sessions: readonly Session[]): void | Promise<void> =>
  sendList(response, sessions, (session) => sessionSlices(session, ','));

/** Answers with one whole session. */
export async function sendSession(response: ServerResponse, session: Session): Promise<void> {
  await prepareSessionJson(session);
  sendText(response, 200, sessionJson(session));
}

/**
 * Answers with a list.
 * @param pieces an item in JSON and a comma behind it, in buffers; each is asked for when it is its turn
 */
export function sendList<T>(
  response: ServerResponse,
  items: readonly T[],
  pieces: (item: T) => Iterable<Buffer>,
): void | Promise<void> {
  if (items.length === 0) return sendText(response, 200, '[]');
  const slices = slicesOf(items, pieces);
  const first = slices.next();
  if (first.done === true) return sendText(response, 200, first.value);
  return stream(response, first.value, slices);
}

const OPENING = Buffer.from('[');

/** The list in slices, of which the last is returned. */
function* slicesOf<T>(items: readonly T[], pieces: (item: T) => Iterable<Buffer>): Generator<Buffer, Buffer> {
  let slice: Buffer[] = [OPENING];
  let size = 0;
  let began = performance.now();
  for (const item of items) {
    for (const piece of pieces(item)) {
      if (size > SLICE_BYTES || (size > 0 && performance.now() - began > SLICE_MS)) {
        yield Buffer.concat(slice);
        slice = [];
        size = 0;
        began = performance.now();
      }
      slice.push(piece);
      size += piece.length;
    }
  }
  const last = Buffer.concat(slice);
  // In the place of the last comma.
  last.write(']', last.length - 1);
  return last;
}

async function stream(
  response: ServerResponse,
  first: Buffer,
  rest: Generator<Buffer, Buffer>,
): Promise<void> {
  response.writeHead(200, JSON_TYPE);
  try {
    let slice: Buffer = first;
    for (;;) {
      if (response.write(slice)) await yieldToLoop();
      else if (!(await isRead(response))) return;
      if (response.destroyed) return;
      const next = rest.next();
      if (next.done === true) {
        response.end(next.value);
        return;
      }
      slice = next.value;
    }
  } catch (error) {
    // The head has gone out: what is cut short is seen to be.
    response.destroy();
    throw error;
  }
}

/** Waits until the client has read; one that does not for too long is cut. @returns false when it is gone. */
function isRead(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const over = (read: boolean) => (): void => {
      clearTimeout(limit);
      response.off('drain', drained);
      response.off('close', closed);
      resolve(read);
    };
    const drained = over(true);
    const closed = over(false);
    const limit = setTimeout(() => response.destroy(), UNREAD_MS);
    limit.unref();
    response.once('drain', drained);
    response.once('close', closed);
    if (response.destroyed) closed();
  });
}
