// What an honest client notices while others mean harm: the p99 of its requests, beside the same without them.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Client, timesOf } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, startMaestro } from '../support/processes.mjs';
import { quantile } from '../support/statistics.mjs';
import { openWatchers } from '../support/watchers.mjs';

const REQUESTS = 1_000;
/** What docs/configuration.md promises. */
const FACTOR = 3;

const IDLE = 2_000;
const SLOW = 300;
const DEAF = 100;
const head =
  'POST /api/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n';

/** @typedef {{destroy: () => void}} Attack */

/** @type {Record<string, (url: string) => Promise<Attack>>} */
const attacks = {
  [`${IDLE} idle connections`]: (url) => open(url, IDLE, () => {}),
  [`${SLOW} bodies that come byte by byte`]: (url) =>
    open(url, SLOW, (socket) => {
      socket.write(head);
      const timer = setInterval(() => socket.write('x'), 100);
      socket.on('close', () => clearInterval(timer));
    }),
  [`${DEAF} watchers that never read`]: async (url) => {
    const watchers = await openWatchers(url, DEAF, '?since=0');
    for (const socket of watchers.sockets) socket.pause();
    return { destroy: watchers.close };
  },
};

/**
 * @param {string} url
 * @param {number} count
 * @param {(socket: import('node:net').Socket) => void} then
 */
async function open(url, count, then) {
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  for (let index = 0; index < count; index += 1) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'connect');
    then(socket);
    sockets.push(socket);
  }
  return { destroy: () => sockets.forEach((socket) => socket.destroy()) };
}

export const measure = () =>
  inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const client = new Client(maestro.url);
    try {
      const projectId = await client.project();
      const { id } = await client.ask('POST', '/api/tasks', { projectId, title: 'T' });
      const p99 = async () =>
        quantile(
          await timesOf(REQUESTS, (index) =>
            client.text('PATCH', `/api/tasks/${id}`, { title: `T${index}` }),
          ),
          0.99,
        );
      await p99(); // Warm.
      const figures = [];
      for (const [name, begin] of Object.entries(attacks)) {
        const limit = await p99();
        const attack = await begin(maestro.url);
        const ours = await p99();
        attack.destroy();
        figures.push(
          figure(`a change beside ${name}, p99`, {
            unit: 'ms',
            ours,
            limit,
            against: 'the same without them',
            atMost: FACTOR,
          }),
        );
      }
      return figures;
    } finally {
      client.close();
      await maestro.stop();
    }
  });
