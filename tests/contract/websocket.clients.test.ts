// Who may listen, and what a listener may say. Those that do not read or break the protocol: tests/http.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { refusal, upgrade } from '../support/upgrade.ts';
import { stage } from './support/stage.ts';

describe('an upgrade', () => {
  it.each(['http://evil.example', 'null', 'https://127.0.0.1:3000'])(
    'of a page of %s is refused',
    async (origin) => {
      const { api } = stage();
      expect(await refusal(upgrade(api.url, '/ws', { origin }))).toEqual([403, 'FORBIDDEN']);
    },
  );

  it('for a foreign host is refused', async () => {
    const { api } = stage();
    expect(await refusal(upgrade(api.url, '/', { host: 'evil.example' }))).toEqual([403, 'FORBIDDEN']);
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
  it('gets a pong for a ping, and nothing for anything else', async () => {
    const { listen } = stage();
    const watch = await listen();
    const junk = ['heartbeat', 'keepalive', 'subscribe'].map((type) => JSON.stringify({ type }));
    for (const text of [...junk, '{', '[]', 'null', '5', '', '{"type":{}}', 'x'.repeat(60_000)])
      watch.socket.send(text);
    watch.socket.send(Buffer.from([0, 255, 1]));
    watch.socket.send('{"type":"ping"}');
    const pong = await watch.fact('pong');
    expect(pong).toEqual({ type: 'pong', timestamp: expect.any(Number) });
    expect(watch.heard).toHaveLength(1);
    watch.socket.ping('are you there');
    expect(String((await once(watch.socket, 'pong'))[0])).toBe('are you there');
  });
});
