// A long queue, worked through from its start to its end on one connection.
import { join } from 'node:path';
import { Client, sideBySide, timesOf } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, printedBy, start, startMaestro } from '../support/processes.mjs';
import { median } from '../support/statistics.mjs';

const ITEMS = 500;
const PART = 100;

export const measure = () =>
  inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const bare = await start('limits/echo-server.mjs');
    const client = new Client(maestro.url, 20);
    const bareClient = new Client(bare.url);
    try {
      const projectId = await client.project();
      /** @type {string[]} */
      const taskIds = [];
      await sideBySide(ITEMS, 20, async (index) => {
        taskIds[index] = (await client.ask('POST', '/api/tasks', { projectId, title: 'T' })).id;
      });
      const body = { projectId, taskIds, strategy: 'queue', status: 'working' };
      const { id } = await client.ask('POST', '/api/sessions', body);
      const one = new Client(maestro.url);
      const moves = await timesOf(2 * ITEMS, (index) =>
        one.text('POST', `/api/sessions/${id}/queue/${index % 2 === 0 ? 'start' : 'complete'}`, {}),
      );
      one.close();
      const echoed = await timesOf(1_000, () => bareClient.text('POST', '/', { a: 1 }));
      const append = printedBy('limits/durable-append.mjs', join(folder, 'append'), '1500');
      const work = `a move of a ${ITEMS}-item queue, one connection`;
      return [
        figure(work, {
          unit: 'ms',
          ours: median(moves),
          limit: median(echoed.slice(200)) + append,
          against: `bare express echo + one durable append (${append.toFixed(2)} ms)`,
          atMost: 1.5,
        }),
        figure(`${work}: the last ${PART}`, {
          unit: 'ms',
          ours: median(moves.slice(-PART)),
          limit: median(moves.slice(PART, 2 * PART)),
          against: `moves ${PART} to ${2 * PART}`,
          atMost: 1.1,
        }),
      ];
    } finally {
      client.close();
      bareClient.close();
      await maestro.stop();
      await bare.stop();
    }
  });
