// WebSockets that speak nonsense, or listen to nothing.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Watch } from '../support/watch.ts';
import { Siege } from './siege.ts';

const upgrade =
  'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n';

/** The head of a masked frame with the mask 0, so that the payload stands as it is. */
const frame = (first: number, length: bigint): Buffer => {
  const bytes = Buffer.alloc(14);
  bytes[0] = first;
  bytes[1] = 0xff;
  bytes.writeBigUInt64BE(length, 2);
  return bytes;
};
const FIN = 0x80;
const text = 1;

const nonsense: [string, Buffer][] = [
  ['a frame that says it has 2^62 bytes', frame(FIN | text, 1n << 62n)],
  ['a frame of 1 GiB that never comes', frame(FIN | text, 1n << 30n)],
  ['bits that are reserved', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
  ['an opcode that does not exist', Buffer.from([FIN | 0xb, 0x80, 0, 0, 0, 0])],
  ['a frame that is not masked', Buffer.from([FIN | text, 1, 0x78])],
  ['a ping of 200 bytes', frame(FIN | 9, 200n)],
  ['the end of a message that never began', Buffer.from([FIN, 0x80, 0, 0, 0, 0])],
  ['text that is no UTF-8', Buffer.from([FIN | text, 0x82, 0, 0, 0, 0, 0xff, 0xfe])],
  ['a closing frame with half a code', Buffer.from([FIN | 8, 0x81, 0, 0, 0, 0, 1])],
  ['bytes without sense', Buffer.alloc(4_000, 0xa5)],
];

/** A watcher that never reads a byte. */
async function deaf(siege: Siege, query = ''): Promise<WebSocket> {
  const socket = new WebSocket(`${siege.api.url.replace('http', 'ws')}/ws${query}`);
  onTestFinished(() => socket.terminate());
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.pause();
  return socket;
}

describe('a WebSocket', () => {
  it(`that sends nonsense, of ${nonsense.length} kinds and fifty times each, is closed alone`, async () => {
    const siege = await Siege.open();
    for (const [what, bytes] of nonsense) {
      for (let index = 0; index < 50; index += 1) siege.attack(Buffer.concat([Buffer.from(upgrade), bytes]));
      await siege.honestWork(5);
      await expect
        .poll(() => siege.attackers, { timeout: 20_000, interval: 50, message: `after ${what}` })
        .toBe(0);
    }
    await siege.holds();
  });

  it('that sends one message in endless small pieces is closed at its bound', async () => {
    const siege = await Siege.open();
    const piece = Buffer.from([0, 0x81, 0, 0, 0, 0, 0x78]);
    const first = Buffer.from([text, 0x81, 0, 0, 0, 0, 0x78]);
    const socket = siege.attack(Buffer.concat([Buffer.from(upgrade), first]));
    const many = Buffer.concat(Array.from({ length: 5_000 }, () => piece));
    for (let sent = 0; sent < 40 && !socket.destroyed; sent += 1) {
      socket.write(many);
      await delay(5);
    }
    await expect.poll(() => siege.attackers, { timeout: 10_000 }).toBe(0);
    await siege.holds();
  });

  it('that floods with good pings, junk and half messages, twenty at once, holds nobody up', async () => {
    const siege = await Siege.open();
    const flooding = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = new WebSocket(siege.api.url.replace('http', 'ws'));
        onTestFinished(() => socket.terminate());
        socket.on('error', () => undefined);
        await once(socket, 'open');
        return socket;
      }),
    );
    const words = ['{"type":"ping"}', '{"type":', 'x'.repeat(10_000), '{"__proto__":{"type":"ping"}}', '[]'];
    for (let round = 0; round < 100; round += 1) {
      for (const socket of flooding) for (const word of words) socket.send(word);
      if (round % 20 === 0) await siege.honestWork(1);
    }
    await siege.holds();
  });
});

describe('watchers that never read', () => {
  it('and ask for signs of life all the time: few answers wait for them', async () => {
    const siege = await Siege.open();
    const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
    const many = Buffer.concat(Array.from({ length: 50_000 }, () => ping));
    for (let index = 0; index < 40; index += 1)
      siege.attack(Buffer.concat([Buffer.from(upgrade), many])).pause();
    await siege.holds();
  });

  it('fifty of them, while sessions grow: what waits is held once, then they are closed', async () => {
    const siege = await Siege.open();
    for (let index = 0; index < 50; index += 1) await deaf(siege, index % 2 === 0 ? '' : '?view=changes');
    const sessionId = await siege.api.session(siege.projectId);
    for (let index = 0; index < 250; index += 1)
      await siege.api.post(
        `/api/sessions/${sessionId}/timeline`,
        { message: 'x'.repeat(2_000) },
        { prefer: 'return=minimal' },
      );
    await siege.holds();
  });

  it('three hundred, while facts of 1 MB come: their sockets share what they hold', async () => {
    const siege = await Siege.open();
    for (let index = 0; index < 300; index += 1) await deaf(siege);
    for (let index = 0; index < 8; index += 1)
      await siege.api.task(siege.projectId, { description: 'x'.repeat(1_000_000) });
    await siege.holds();
  });

  it('two hundred that come back for all there was cost no more than the bound of what waits', async () => {
    const siege = await Siege.open();
    for (let index = 0; index < 300; index += 1)
      await siege.api.task(siege.projectId, { description: 'x'.repeat(50_000) });
    for (let index = 0; index < 200; index += 1) await deaf(siege, '?since=0');
    await siege.holds();
  });

  it('three hundred that come back for facts of 1 MB cost no more either: what their sockets hold has its bound', async () => {
    const siege = await Siege.open();
    for (let index = 0; index < 10; index += 1)
      await siege.api.task(siege.projectId, { description: 'x'.repeat(1_000_000) });
    for (let index = 0; index < 300; index += 1) await deaf(siege, '?since=0');
    await siege.holds();
  });

  it('each behind with facts of its own: past 64 MiB over all the furthest is closed, and others hear all', async () => {
    const siege = await Siege.open();
    const deafOfOwnProject = async () => {
      const projectId = await siege.api.project();
      const watch = await Watch.open(siege.api.url, `?projectId=${projectId}`);
      watch.socket.pause();
      return { projectId, watch, told: 0 };
    };
    const furthest = await deafOfOwnProject();
    const others = [];
    while (others.length < 8) others.push(await deafOfOwnProject());
    const tell = async (deaf: typeof furthest) => {
      const id = await siege.api.task(deaf.projectId, { description: 'x'.repeat(1_000_000) });
      // It holds no memory any more but where it waits to be told.
      await siege.api.delete(`/api/tasks/${id}`);
      deaf.told += 2;
    };
    for (let more = 0; more < 3; more += 1) await tell(furthest);
    // To none of them as much as one watcher alone may have waiting.
    for (let round = 0; round < 14; round += 1) for (const deaf of [...others, furthest]) await tell(deaf);
    await siege.holds();
    const isHeard = ({ watch, told }: typeof furthest) => watch.heard.length === told;
    for (const deaf of [...others, furthest]) {
      deaf.watch.socket.resume();
      await deaf.watch.until(({ closeCode }) => closeCode !== null || isHeard(deaf));
    }
    expect([furthest.watch.closeCode, isHeard(furthest)]).toEqual([1013, false]);
    expect(others.filter(isHeard).length).toBeGreaterThan(others.length / 4);
    for (const deaf of others) expect(deaf.watch.closeCode).toBe(isHeard(deaf) ? null : 1013);
  });

  it('past the bounds of watchers, of one address and of all, are refused', async () => {
    const siege = await Siege.open();
    const [bound, boundOfOne] = [1_000, 900];
    const connected = async (): Promise<number> => (await siege.api.get('/ws-status')).body.connectedClients;
    const fill = async (count: number, address: string) => {
      for (let index = await connected(); index < count; index += 1) siege.attack(upgrade, address);
      await expect.poll(connected, { timeout: 20_000 }).toBe(count);
    };
    const answerTo = async (address: string) =>
      String((await once(siege.attack(upgrade, address), 'data'))[0]);
    const first = siege.attack(upgrade);
    await expect.poll(connected).toBe(2);
    // One is the honest one.
    await fill(boundOfOne, '127.0.0.1');
    expect(await answerTo('127.0.0.1')).toMatch(/^HTTP\/1.1 503 .*OVERLOADED.*from 127\.0\.0\.1/s);
    await fill(bound, '127.0.0.2');
    expect(await answerTo('127.0.0.2')).toMatch(/^HTTP\/1.1 503 .*OVERLOADED/s);
    // Who leaves makes room for another.
    first.destroy();
    await expect.poll(connected, { timeout: 20_000 }).toBe(bound - 1);
    expect(await answerTo('127.0.0.1')).toMatch(/^HTTP\/1.1 101 /);
    await siege.holds();
  });
});
