import type { ServerResponse } from 'node:http';
import type { Project } from '../domain/project.ts';
import type { Task } from '../domain/task.ts';

/** Answers with JSON, serialised once. express's own json() would add an ETag over the whole text. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, JSON.stringify(body));
}

/** A record is an immutable value, so its bytes are made once, and go when the record does. A comma ends them. */
const bytes = new WeakMap<Project | Task, Buffer>();

function bytesOf(record: Project | Task): Buffer {
  const known = bytes.get(record);
  if (known) return known;
  const made = Buffer.from(`${JSON.stringify(record)},`);
  bytes.set(record, made);
  return made;
}

const OPENING = Buffer.from('[');

/** Answers with records that are shown as they are: lists of thousands, of which few change between two requests. */
export function sendRecords(response: ServerResponse, records: readonly (Project | Task)[]): void {
  if (records.length === 0) {
    sendText(response, 200, '[]');
    return;
  }
  const list = Buffer.concat([OPENING, ...records.map(bytesOf)]);
  list.write(']', list.length - 1);
  sendText(response, 200, list);
}

/** Answers with JSON that is text already. */
export function sendText(response: ServerResponse, status: number, text: string | Buffer): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
