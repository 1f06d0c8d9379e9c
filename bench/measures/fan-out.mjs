// From a request to all watchers, beside ws alone with the same bytes.
import { Client } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, start, startMaestro } from '../support/processes.mjs';
import { quantile } from '../support/statistics.mjs';
import { openWatchers } from '../support/watchers.mjs';

const FACTS = 200;
const WARM = 50;

/**
 * p99 over all watchers and facts, from the request to the message, in ms.
 * @param {string} url
 * @param {number} count
 * @param {(index: number) => Promise<unknown>} send
 */
async function latency(url, count, send) {
  /** @type {number[]} */
  const times = [];
  let began = 0;
  let missing = 0;
  let done = () => {};
  const watchers = await openWatchers(url, count, '', () => {
    times.push(performance.now() - began);
    missing -= 1;
    if (missing === 0) done();
  });
  try {
    for (let index = 0; index < WARM + FACTS; index += 1) {
      if (index === WARM) times.length = 0;
      missing = count;
      const all = new Promise((resolve) => (done = () => resolve(undefined)));
      began = performance.now();
      await Promise.all([send(index), all]);
    }
    return quantile(times, 0.99);
  } finally {
    watchers.close();
  }
}

export const measure = () =>
  inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const bare = await start('limits/fan-out-server.mjs');
    const client = new Client(maestro.url);
    const bareClient = new Client(bare.url);
    try {
      const projectId = await client.project();
      const { id } = await client.ask('POST', '/api/tasks', { projectId, title: 'T' });
      const task = await client.ask('GET', `/api/tasks/${id}`);
      const fact = {
        type: 'task:updated',
        event: 'task:updated',
        data: task,
        timestamp: Date.now(),
        seq: 1,
      };
      const figures = [];
      for (const count of [50, 500]) {
        const ours = await latency(maestro.url, count, (index) =>
          client.text('PATCH', `/api/tasks/${id}`, { title: `T${index}` }),
        );
        const limit = await latency(bare.url, count, () => bareClient.text('POST', '/', fact));
        figures.push(
          figure(`fact from request to ${count} watchers, p99`, {
            unit: 'ms',
            ours,
            limit,
            against: 'raw ws fan-out, same bytes',
            atMost: 2,
          }),
        );
      }
      return figures;
    } finally {
      client.close();
      bareClient.close();
      await maestro.stop();
      await bare.stop();
    }
  });
