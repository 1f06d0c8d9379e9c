import type { ServerResponse } from 'node:http';

/** Answers with JSON, serialised once. express's own json() would add an ETag over the whole text. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
