// Upgrades that are refused, and those that are none of ours, on raw connections.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProcess, startServer } from '../support/server.ts';

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const webSocket = (path: string, more = `${KEY}Sec-WebSocket-Version: 13\r\n`, host = 'localhost'): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${more}\r\n`;
const h2c =
  'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAI\r\n';

const limit = { timeout: 20_000 };

/** A connection that keeps its own half open, whatever comes. */
function keptOpen(url: string): { socket: Socket; text: () => string } {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.on('error', () => undefined);
  return { socket, text: () => text };
}

describe.runIf(process.platform === 'linux')('a connection that is refused', () => {
  it.each([
    ['without the token', webSocket('/ws'), 401],
    ['of a foreign host', webSocket('/ws', undefined, 'evil.example'), 403],
    ['at a path without a WebSocket', webSocket('/t/secret/none'), 404],
    ['with a handshake that is none', webSocket('/t/secret/ws', ''), 400],
    ['of another version', webSocket('/t/secret/ws', `${KEY}Sec-WebSocket-Version: 3\r\n`), 400],
    ['for an inspector', webSocket('/inspect'), 401],
    ['of an inspector, with a handshake that is none', webSocket('/t/secret/inspect', ''), 400],
    ['that is no HTTP', 'JUNK\r\n\r\n', 400],
  ])('is gone at once, though the client keeps its half open: %s', async (_, text, status) => {
    const { child, api } = await startProcess({ MAESTRO_TOKEN: 'secret', MAESTRO_INSPECT: '1' });
    const open = (): number => readdirSync(`/proc/${child.pid ?? 0}/fd`).length;
    await fetch(`${api.url}/health`);
    const atFirst = open();
    const all = Array.from({ length: 300 }, () => keptOpen(api.url));
    for (const { socket } of all) socket.write(text);
    await Promise.all(all.map(({ socket }) => once(socket, 'end')));
    for (const { text: answer } of all) {
      expect(answer()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(JSON.parse(answer().split('\r\n\r\n')[1] ?? '')).toMatchObject({
        error: true,
        statusCode: status,
      });
    }
    // A few stay for the connections of `fetch`.
    await expect.poll(() => open() - atFirst, limit).toBeLessThan(10);
  });
});

describe('an upgrade to another protocol', () => {
  it.each([
    ['GET', [`GET /health HTTP/1.1\r\n${h2c}\r\n`], ['"status":"ok"']],
    [
      'POST with a body',
      [
        `POST /api/projects HTTP/1.1\r\n${h2c}Content-Type: application/json\r\nContent-Length: 34\r\n\r\n`,
        '{"name":"by h2c","workingDir":"/"}',
      ],
      ['"name":"by h2c"'],
    ],
    [
      'POST with a body in pieces',
      [
        `POST /api/projects HTTP/1.1\r\n${h2c}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
        '11\r\n{"name":"by h2c",\r\n11\r\n"workingDir":"/"}\r\n0\r\n\r\n',
      ],
      ['"name":"by h2c"'],
    ],
    [
      'an unknown protocol',
      ['GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2, other\r\n\r\n'],
      ['"status":"ok"'],
    ],
  ])('is ignored and the connection kept: %s', async (_, parts, answers) => {
    const { api } = await startServer();
    const { socket, text } = keptOpen(api.url);
    for (const part of parts) {
      socket.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(text, limit).toContain(answers[0]);
    expect(text()).toMatch(/^HTTP\/1\.1 20[01] /);
    expect(text()).not.toMatch(/^connection: close/im);
    for (const later of ['/ws-status', '/api/skills']) {
      const before = text().length;
      socket.write(`GET ${later} HTTP/1.1\r\n${h2c}\r\n`);
      await expect.poll(() => text().slice(before), limit).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\n[[{]/s);
    }
    // The same connection may still become a WebSocket.
    const before = text().length;
    socket.write(webSocket('/ws'));
    await expect.poll(() => text().slice(before), limit).toMatch(/^HTTP\/1\.1 101 /);
  });

  const curl = spawnSync('curl', ['--version'], { encoding: 'utf8' });
  it.runIf(curl.error === undefined && curl.stdout.includes('HTTP2'))(
    'is ignored, as curl --http2 asks',
    async () => {
      const { api } = await startServer();
      const child = spawn('curl', [
        '-s',
        '--http2',
        '-d',
        '{"name":"P","workingDir":"/"}',
        '-H',
        'content-type: application/json',
        `${api.url}/api/projects`,
      ]);
      let text = '';
      for await (const data of child.stdout) text += String(data);
      expect(JSON.parse(text)).toMatchObject({ name: 'P' });
    },
  );
});
