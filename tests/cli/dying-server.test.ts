import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commands } from './command.ts';

/** A server that takes each connection and closes it at once in this way, as one does that is just dying. */
async function dyingServer(close: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    close(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const closings: [string, (socket: Socket) => void][] = [
  ['ends', (socket) => socket.end()],
  ['resets', (socket) => socket.resetAndDestroy()],
];

describe('a command whose server closes every connection at once', () => {
  it.each(closings)('says that there is no connection, when the server %s it', async (_, close) => {
    const url = await dyingServer(close);
    const { run } = commands({ MAESTRO_API_URL: url, MAESTRO_RETRIES: '1', MAESTRO_RETRY_DELAY: '10' });
    const complete = () => run(['queue', 'complete', '--json'], { MAESTRO_SESSION_ID: 'sess_1' });
    // Whether the command had sent its request by then is a matter of luck: asked several times, each case comes up.
    const runs = await Promise.all(Array.from({ length: 8 }, () => complete()));
    for (const { exitCode, json, stdout, stderr } of runs) {
      expect(exitCode, `${stdout}${stderr}`).toBe(3);
      expect(json.error).toBe('NO_CONNECTION');
    }
  });
});
