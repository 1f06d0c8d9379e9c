import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { MaestroError } from '../domain/errors.ts';
import { errorBody, statusOf } from './errors.ts';

/** Answers with JSON, serialised once. express's own json() would add an ETag over the whole text. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** The same refusal on a connection that has no response: an upgrade, or what is no HTTP. It is closed then. */
export function refuseOn(socket: Duplex, refusal: MaestroError): void {
  const status = statusOf(refusal);
  const text = JSON.stringify(errorBody(refusal));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
