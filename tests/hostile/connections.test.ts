// Clients who hold connections and send little, slowly, or nothing that ends.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Siege } from './siege.ts';

const IDLE = 3_000;
const SLOW = 300;
const head = (length: number) =>
  `POST /api/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe('connections', () => {
  it(`${IDLE} that stay idle take no place from others, and are cut`, async () => {
    const siege = await Siege.open();
    for (let batch = 0; batch < IDLE; batch += 100) {
      const opened = Array.from({ length: 100 }, () => once(siege.attack(), 'connect'));
      await Promise.all(opened);
    }
    expect(siege.attackers).toBe(IDLE);
    await siege.honestWork();
    await expect.poll(() => siege.attackers, { timeout: 30_000, interval: 200 }).toBe(0);
    await siege.holds();
  });

  it('past their bound are closed at once, and those that are there go on', async () => {
    const siege = await Siege.open();
    const bound = 4_096;
    const sockets = [];
    for (let batch = 0; batch < bound + 200; batch += 200) {
      const opened = Array.from({ length: 200 }, () => siege.attack());
      sockets.push(...opened);
      await Promise.all(
        opened.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])),
      );
    }
    await expect.poll(() => siege.attackers, { timeout: 20_000 }).toBeLessThanOrEqual(bound);
    for (const socket of sockets) socket.destroy();
    await siege.holds();
  });

  it(`${SLOW} that send their bodies byte by byte hold nobody up`, async () => {
    const siege = await Siege.open();
    const slow = Array.from({ length: SLOW }, () => siege.attack(head(1_000_000)));
    for (let round = 0; round < 10; round += 1) {
      for (const socket of slow) socket.write('x');
      await siege.honestWork(2);
    }
    await siege.holds();
  });

  it('that send a large body each, all at once and without its end, cost no more than the bodies', async () => {
    const siege = await Siege.open();
    const almost = Buffer.concat([Buffer.from(head(1_048_576)), Buffer.alloc(1_000_000, 'x')]);
    Array.from({ length: 100 }, () => siege.attack(almost));
    await delay(500);
    await siege.honestWork(5);
    await siege.holds();
  });

  it('that pipeline requests and never read the answers hold nobody up', async () => {
    const siege = await Siege.open();
    for (let index = 0; index < 300; index += 1)
      await siege.api.task(siege.projectId, { description: 'x'.repeat(5_000) });
    const request = 'GET /api/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n';
    for (let index = 0; index < 20; index += 1) siege.attack(request.repeat(200)).pause();
    await delay(500);
    await siege.holds();
  });
});
