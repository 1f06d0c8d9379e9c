import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { Api } from '../support/api.ts';
import { startServer } from '../support/server.ts';

describe('a request that comes while the records are still being read', () => {
  it('gets 503 as JSON, and when to ask again', async () => {
    const listening = await listen(null, 0);
    onTestFinished(() => listening.close(0));
    const { status, body, headers } = await new Api(`http://127.0.0.1:${listening.port}`).get(
      '/api/projects',
    );
    expect(status).toBe(503);
    expect(body).toMatchObject({ error: true, code: 'STORAGE_UNAVAILABLE', statusCode: 503 });
    expect(headers.get('retry-after')).toBe('1');
  });
});

describe('what is no HTTP request', () => {
  it.each([
    ['junk', 'JUNK\r\n\r\n', 400, 'VALIDATION_ERROR'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'VALIDATION_ERROR',
    ],
    [
      'a head without an end',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}`,
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ])('is refused in JSON and its connection closed: %s', async (_, text, status, code) => {
    const { api } = await startServer();
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const data of socket) answer += String(data);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      error: true,
      code,
      statusCode: status,
    });
    await api.project();
  });
});

describe('a sender that is slow', () => {
  const head =
    'POST /api/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n';
  it.each([
    ['nothing', ''],
    ['half a head', head],
    ['half a body', `${head}\r\n{"name`],
  ])('is refused and its connection closed when it has sent %s for too long', async (_, text) => {
    const listening = await listen(null, 0, { headMs: 100, requestMs: 200 });
    onTestFinished(() => listening.close(0));
    listening.serve(
      (request) => request.resume(),
      () => undefined,
    );
    const socket = connect(listening.port, '127.0.0.1');
    socket.write(text);
    let answer = '';
    for await (const data of socket) answer += String(data);
    expect(answer).toMatch(/^HTTP\/1.1 400 .*did not arrive in time/s);
  });
});

describe('the bounds of connections', () => {
  it('cut one that asks for more than 16 answers ahead', async () => {
    const listening = await listen(null, 0);
    onTestFinished(() => listening.close(0));
    const asked: ServerResponse[] = [];
    listening.serve(
      (_request, response) => void asked.push(response),
      () => undefined,
    );
    const ahead = async (requests: number): Promise<Socket> => {
      const socket = connect(listening.port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      onTestFinished(() => void socket.destroy());
      await once(socket, 'connect');
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(requests));
      return socket;
    };
    const within = await ahead(16);
    const beyond = await ahead(17);
    await once(beyond, 'close', { signal: AbortSignal.timeout(10_000) });
    expect(within.destroyed).toBe(false);
    // Answered one by one, and then there is room for more.
    for (let count = 0; count < 16; count += 1) {
      await expect
        .poll(() => asked.some((response) => !response.destroyed && !response.writableEnded))
        .toBe(true);
      asked.find((response) => !response.destroyed && !response.writableEnded)?.end();
    }
    within.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => asked.length).toBeGreaterThanOrEqual(17);
  });

  it('close those beyond 4,096 on one address', async () => {
    // Patient: idle ones are not cut meanwhile.
    const listening = await listen('127.0.0.1', 0, { headMs: 600_000, requestMs: 600_000 });
    onTestFinished(() => listening.close(0));
    const sockets: Socket[] = [];
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    let closed = 0;
    for (let count = 0; count < 4_160; count += 1) {
      const socket = connect(listening.port, '127.0.0.1');
      socket.on('error', () => undefined).on('close', () => (closed += 1));
      socket.resume();
      sockets.push(socket);
      if (count % 64 === 63) await once(socket, 'connect');
    }
    await expect.poll(() => closed, { timeout: 30_000 }).toBe(64);
  });
});
