// Who may listen, and what a listener may say. Those that do not read, and the end of the server: tests/http.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { refusal, upgrade } from '../support/upgrade.ts';
import { authorization, stage } from './support/stage.ts';

describe('an upgrade', () => {
  it.each(['http://evil.example', 'null', 'https://127.0.0.1:3000', 'http://localhost.evil.example:80'])(
    'of a page of %s is refused',
    async (origin) => {
      const { api } = stage();
      const headers = { ...authorization, origin };
      expect(await refusal(upgrade(api.url, '/ws', headers))).toEqual([403, 'FORBIDDEN']);
    },
  );

  it.each(['evil.example', 'evil.example:3000', '127.0.0.1.evil.example', '0.0.0.0'])(
    'for the foreign host %s is refused',
    async (host) => {
      const { api } = stage();
      const headers = { ...authorization, host };
      for (const path of ['/', '/ws'])
        expect(await refusal(upgrade(api.url, path, headers))).toEqual([403, 'FORBIDDEN']);
    },
  );

  it.each([
    'tauri://localhost',
    'http://tauri.localhost',
    'https://tauri.localhost',
    'http://localhost:1420',
    'http://127.0.0.1:5173',
  ])('of a page of %s is taken', async (origin) => {
    const { api } = stage();
    const socket = upgrade(api.url, '/ws', { ...authorization, origin });
    await once(socket, 'open');
    socket.terminate();
  });

  it.each(['/api/projects', '/socket', '/ws/', '/health'])('at %s is 404', async (path) => {
    const { api } = stage();
    expect(await refusal(upgrade(api.url, path, authorization))).toEqual([404, 'NOT_FOUND']);
  });

  it('that breaks off half way, or is no WebSocket, harms nobody', async () => {
    const { api, listen } = stage();
    const watch = await listen();
    const head = 'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ';
    for (const rest of ['websocket\r\nSec-WebSocket-Version: 13\r\n\r\n', 'other\r\n\r\n', 'websocket\r\n']) {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.write(head + rest, () => resolve()));
      socket.destroy();
    }
    await api.project();
    await watch.fact('project:created');
  });
});

describe('a client', () => {
  it('gets a pong for each ping, the others none', async () => {
    const { listen } = stage();
    const [asking, silent] = [await listen(), await listen()];
    const before = Date.now();
    for (let sent = 0; sent < 3; sent += 1) asking.socket.send('{"type":"ping"}');
    await asking.until(({ heard }) => heard.length === 3);
    for (const pong of asking.heard) {
      expect(pong).toEqual({ type: 'pong', timestamp: expect.any(Number) });
      expect(Math.abs(pong.timestamp - before)).toBeLessThan(60_000);
    }
    silent.socket.send('{"type":"ping"}');
    await silent.fact('pong');
    expect(silent.heard).toHaveLength(1);
  });

  it.each([
    ['heartbeat', '{"type":"heartbeat"}'],
    ['keepalive', '{"type":"keepalive"}'],
    ['a type that is not known', '{"type":"subscribe"}'],
    ['a type that is no word', '{"type":{}}'],
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['an empty frame', ''],
    ['a long one', 'x'.repeat(60_000)],
    ['bytes', Buffer.from([0, 255, 1])],
  ])('gets nothing for %s, and hears on', async (_word, sent) => {
    const { api, listen } = stage();
    const watch = await listen();
    watch.socket.send(sent);
    watch.socket.send('{"type":"ping"}');
    await watch.fact('pong');
    await api.project();
    await watch.fact('project:created');
    expect(watch.types).toEqual(['pong', 'project:created']);
  });

  it("is answered also to the protocol's own ping", async () => {
    const { socket } = await stage().listen();
    socket.ping('are you there');
    expect(String((await once(socket, 'pong'))[0])).toBe('are you there');
  });

  it('that sends an oversized frame, or none of the protocol, is alone in losing its connection', async () => {
    const { api, listen } = stage();
    const [good, large, broken] = [await listen(), await listen(), await listen()];
    large.socket.send('x'.repeat(5 * 1024 * 1024));
    // Below the protocol: a reserved opcode.
    const { _socket: below } = broken.socket as unknown as { _socket: NodeJS.WritableStream };
    below.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
    for (const watch of [large, broken]) await watch.until(({ closeCode }) => closeCode !== null);
    await api.project();
    await good.fact('project:created');
    expect(good.closeCode).toBeNull();
  });

  it('is counted in /ws-status', async () => {
    const { api, listen } = stage();
    await listen();
    const { connectedClients, clients } = (await api.get('/ws-status')).body;
    expect(clients).toHaveLength(connectedClients);
    expect(clients).toContainEqual({ readyState: 1, readyStateText: 'OPEN' });
  });
});
