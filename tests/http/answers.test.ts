import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { listen, type Listening } from '../../src/http/listen.ts';

/** More than the kernel takes for a client that does not read. */
const LARGE = Buffer.alloc(16 * 1024 * 1024, 'x');

let listening: Listening;

/** A client that has asked and does not read yet, and the answer that nobody has given yet. */
async function ask(): Promise<{ socket: Socket; response: ServerResponse }> {
  const socket = connect(listening.port, '127.0.0.1').pause();
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const response = await new Promise<ServerResponse>((resolve) =>
    listening.serve(
      (_request, asked) => resolve(asked),
      () => undefined,
    ),
  );
  return { socket, response };
}

/** Reads until the connection ends. @returns how many bytes there were */
async function read(socket: Socket): Promise<number> {
  let length = 0;
  socket.on('data', (data) => (length += data.length)).resume();
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  return length;
}

describe('an answer', () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    listening = await listen('127.0.0.1', 0);
    onTestFinished(() => listening.close(0));
  });

  it('that stays unread for 30 s is cut, and its connection with it', async () => {
    const { socket, response } = await ask();
    response.end(LARGE);
    // It is seen unread after the first second.
    vi.advanceTimersByTime(31_000);
    expect(response.destroyed).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(response.destroyed).toBe(true);
    expect(await read(socket)).toBeLessThan(LARGE.length);
  });

  it('that is read before is whole', async () => {
    const { socket, response } = await ask();
    response.end(LARGE);
    vi.advanceTimersByTime(31_000);
    expect(await read(socket)).toBeGreaterThan(LARGE.length);
  });

  it('that is long in coming is waited for', async () => {
    const { socket, response } = await ask();
    vi.advanceTimersByTime(120_000);
    response.end(LARGE);
    vi.advanceTimersByTime(2_000);
    expect(await read(socket)).toBeGreaterThan(LARGE.length);
  });
});
