// Clients who ask for much, and do not read it.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Siege } from './siege.ts';

const MIB = 1024 * 1024;
const UNSENT_BOUND = 64 * MIB;
/** One session: more than the kernel takes for a client that does not read. */
const ANSWER = 10 * MIB;
const ASKING = 60;

interface Asking {
  socket: Socket;
  received: number;
}

/** Asks, and reads no more than how the answer begins, so that they are answered one after the other. */
async function ask(siege: Siege, path: string): Promise<Asking> {
  const socket = siege.attack(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const asking = { socket, received: 0 };
  socket.on('data', (data) => (asking.received += data.length));
  await once(socket, 'data');
  socket.pause();
  return asking;
}

/** Reads on to the end. @returns whether the whole answer was still there. */
async function readsAll(asking: Asking): Promise<boolean> {
  const closed = once(asking.socket, 'close', { signal: AbortSignal.timeout(20_000) });
  asking.socket.resume();
  await closed;
  return asking.received > ANSWER - 20_000;
}

describe('answers that are not read', () => {
  it('on sixty connections cost no more than 64 MiB over all of them: the oldest are cut', async () => {
    const siege = await Siege.open();
    const id = await siege.api.session(siege.projectId);
    for (let index = 0; index < ANSWER / MIB; index += 1)
      await siege.api.post(`/api/sessions/${id}/timeline`, { message: 'x'.repeat(MIB - 1_000) });
    const asking: Asking[] = [];
    while (asking.length < ASKING) asking.push(await ask(siege, `/api/sessions/${id}`));
    await siege.holds();
    const whole: boolean[] = [];
    for (const each of asking) whole.push(await readsAll(each));
    const kept = whole.filter(Boolean).length;
    expect(whole, 'the newest are kept').toEqual(whole.map((_, index) => index >= ASKING - kept));
    expect(kept).toBe(Math.floor(UNSENT_BOUND / ANSWER));
  });

  it('of long lists are made as they are read: none is cut', async () => {
    const siege = await Siege.open();
    const description = 'x'.repeat(ANSWER / 20);
    for (let index = 0; index < 20; index += 1) await siege.api.task(siege.projectId, { description });
    const asking: Asking[] = [];
    while (asking.length < ASKING) asking.push(await ask(siege, '/api/tasks'));
    await siege.holds();
    for (const each of asking) expect(await readsAll(each)).toBe(true);
  });
});
