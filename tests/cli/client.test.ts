import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createClient, type ClientOptions } from '../../src/cli/client.ts';
import { Done } from '../../src/cli/views.ts';

type Behaviour = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

const quiet = { note: () => undefined, trace: () => undefined };
const quick = { retries: 3, delayMs: 1, longestDelayMs: 10, withinMs: 10_000 };

/** A server that behaves as told, and a client to it. */
async function clientOf(behave: Behaviour, more: Partial<ClientOptions> = {}) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    behave(request, response, requests.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = createClient({ url: `http://127.0.0.1:${port}`, retry: quick, output: quiet, ...more });
  return { client, requests };
}

const answer = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

const refused = (code: string) => ({ error: true, code, message: `it is ${code}`, statusCode: 0 });

describe('what a client repeats', () => {
  it('sends a POST again after 5xx and lost connections, with the same key and the same body', async () => {
    const { client, requests } = await clientOf((request, response, attempt) => {
      if (attempt === 1) answer(response, 503, refused('OVERLOADED'));
      else if (attempt === 2) request.socket.destroy();
      else answer(response, 201, { success: true });
    });
    await client.post('/x', { a: 1 }, Done);
    const keys = requests.map((request) => request.headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('takes a new key for every call', async () => {
    const { client, requests } = await clientOf((_, response) => answer(response, 200, { success: true }));
    await client.post('/x', {}, Done);
    await client.post('/x', {}, Done);
    expect(new Set(requests.map((request) => request.headers['idempotency-key'])).size).toBe(2);
  });

  it('gives up after three more attempts, with the last refusal', async () => {
    const { client, requests } = await clientOf((_, response) =>
      answer(response, 500, refused('INTERNAL_ERROR')),
    );
    await expect(client.get('/x', Done)).rejects.toMatchObject({ code: 'INTERNAL_ERROR', exitCode: 1 });
    expect(requests).toHaveLength(4);
  });

  it('does not repeat a refusal', async () => {
    const { client, requests } = await clientOf((_, response) =>
      answer(response, 422, refused('BUSINESS_RULE_ERROR')),
    );
    await expect(client.post('/x', {}, Done)).rejects.toMatchObject({
      code: 'BUSINESS_RULE_ERROR',
      exitCode: 1,
    });
    expect(requests).toHaveLength(1);
  });

  it('takes the 404 of a repeated DELETE for done, and that of a first one for a refusal', async () => {
    const lost = await clientOf((request, response, attempt) => {
      if (attempt === 1) request.socket.destroy();
      else answer(response, 404, refused('TASK_NOT_FOUND'));
    });
    await expect(lost.client.remove('/x')).resolves.toBeUndefined();
    const missing = await clientOf((_, response) => answer(response, 404, refused('TASK_NOT_FOUND')));
    await expect(missing.client.remove('/x')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND', exitCode: 2 });
  });

  it('waits as long as Retry-After says', async () => {
    const { client } = await clientOf((_, response, attempt) => {
      if (attempt === 1) answer(response, 503, refused('OVERLOADED'), { 'retry-after': '1' });
      else answer(response, 200, { success: true });
    });
    const before = Date.now();
    await client.get('/x', Done);
    expect(Date.now() - before).toBeGreaterThanOrEqual(990);
  });

  it('takes a server that does not answer in time for a lost connection', async () => {
    const { client, requests } = await clientOf(() => undefined, { timeoutMs: 50 });
    await expect(client.get('/x', Done)).rejects.toMatchObject({ code: 'NO_CONNECTION', exitCode: 3 });
    expect(requests).toHaveLength(4);
  });
});

describe('what a client asks and how it reads answers', () => {
  it('sends its token, and asks for short answers where it wants them', async () => {
    const { client, requests } = await clientOf((_, response) => answer(response, 200, { success: true }), {
      credentials: { token: 'secret' },
    });
    await client.patch('/x', {}, Done, { minimal: true });
    await client.get('/x', Done);
    expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer secret', prefer: 'return=minimal' });
    expect(requests[0]?.headers).not.toHaveProperty('idempotency-key');
    expect(requests[1]?.headers).not.toHaveProperty('prefer');
  });

  it.each<[status: number, code: string, exitCode: number]>([
    [400, 'VALIDATION_ERROR', 1],
    [404, 'NOT_FOUND', 2],
    [401, 'UNAUTHORIZED', 4],
    [403, 'FORBIDDEN', 4],
    [409, 'CONFLICT', 1],
    [500, 'manifest_generation_failed', 5],
    [500, 'spawn_error', 5],
    [503, 'STORAGE_UNAVAILABLE', 1],
  ])('makes status %i %s exit code %i', async (status, code, exitCode) => {
    const retry = { ...quick, retries: 0 };
    const { client } = await clientOf((_, response) => answer(response, status, refused(code)), { retry });
    await expect(client.post('/x', {}, Done)).rejects.toMatchObject({
      code,
      exitCode,
      message: `it is ${code}`,
    });
  });

  it('follows no redirect, so that nobody else gets the token', async () => {
    const { client, requests } = await clientOf(
      (_, response) => response.writeHead(307, { location: '/elsewhere' }).end(),
      { credentials: { token: 'secret' } },
    );
    await expect(client.get('/x', Done)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
    expect(requests).toHaveLength(1);
  });

  it.each(['<html>', '', '{"something": "else"}'])('does not take %j for an answer', async (text) => {
    const { client } = await clientOf((_, response) => response.writeHead(200).end(text));
    await expect(client.get('/x', z.object({ id: z.string() }))).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      exitCode: 1,
    });
  });
});

describe('an answer that takes long', () => {
  it('is told of once, before it comes; not where a command has its own limit, and says so itself', async () => {
    const notes: string[] = [];
    let isTold: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (isTold = resolve));
    const note = (text: string) => {
      notes.push(text);
      isTold();
    };
    const { client } = await clientOf(
      (request, response) =>
        void told.then(() => answer(response, 200, { success: true, method: request.method })),
      { output: { ...quiet, note } },
    );
    await Promise.all([client.get('/x', Done), client.post('/x', {}, Done, { timeoutMs: 30_000 })]);
    expect(notes).toEqual([`${client.url} has not answered yet; waiting…`]);
  });
});
