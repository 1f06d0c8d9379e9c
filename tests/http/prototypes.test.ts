// That express finds requests and responses as it wants them, and need not change them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { createPrototypes } from '../../src/http/prototypes.ts';

/** What a request and its response are made of before express has them, and in a handler of it. */
async function prototypesSeen(isAdopted: boolean): Promise<{ before: unknown[]; inside: unknown[] }> {
  const app = express();
  const seen: { before: unknown[]; inside: unknown[] } = { before: [], inside: [] };
  const of = (request: IncomingMessage, response: ServerResponse) => [
    Object.getPrototypeOf(request),
    Object.getPrototypeOf(response),
  ];
  app.get('/:id', (request, response) => {
    seen.inside = of(request, response);
    response.status(201).json({ id: request.params.id, isOwn: request.app === app, path: request.path });
  });
  const prototypes = createPrototypes();
  if (isAdopted) prototypes.adopt(app);
  const server = createServer(prototypes.classes, (request, response) => {
    seen.before = of(request, response);
    app(request, response);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/one`);
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ id: 'one', isOwn: true, path: '/one' });
  return seen;
}

it('with the classes of its server express changes no prototype', async () => {
  const { before, inside } = await prototypesSeen(true);
  expect(inside[0]).toBe(before[0]);
  expect(inside[1]).toBe(before[1]);
});

it('and without them it would', async () => {
  const { before, inside } = await prototypesSeen(false);
  expect(inside[0]).not.toBe(before[0]);
  expect(inside[1]).not.toBe(before[1]);
});
