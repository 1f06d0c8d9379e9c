// WebSocket clients that count what they hear.
import { once } from 'node:events';
import { WebSocket } from 'ws';

const LIMIT_MS = 60_000;

/**
 * @param {string} url
 * @param {number} count
 * @param {string} query
 * @param {(data: Buffer, index: number) => void} [onMessage]
 */
export async function openWatchers(url, count, query = '', onMessage) {
  let bytes = 0;
  const messages = new Array(count).fill(0);
  /** @type {WebSocket[]} */
  const sockets = [];
  for (let index = 0; index < count; index += 1) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/${query}`, { perMessageDeflate: false });
    socket.on('message', (/** @type {Buffer} */ data) => {
      bytes += data.length;
      messages[index] += 1;
      onMessage?.(data, index);
    });
    await once(socket, 'open');
    sockets.push(socket);
  }
  return {
    sockets,
    bytes: () => bytes,
    /** Waits until each has heard so many messages. @param {number} number */
    async heard(number) {
      const until = performance.now() + LIMIT_MS;
      while (messages.some((each) => each < number)) {
        if (performance.now() > until) throw new Error(`not heard: ${Math.min(...messages)} of ${number}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    close: () => sockets.forEach((socket) => socket.terminate()),
  };
}
