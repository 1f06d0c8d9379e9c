// The worst pause of the server while it serves the most expensive request that each endpoint takes, at the largest record
// that requests can make. Seen from outside: how long a cheap request on a connection of its own waits at most.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Client, sideBySide } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, startMaestro } from '../support/processes.mjs';

const GOAL_MS = 50;
const REPEATS = 3;
/** The bounds of docs/configuration.md. */
const TASKS = 10_000;
const ENTRIES = 1_000;
const FIELDS = 19_000;
const TEXT = 1_040_000;

/**
 * @param {string} url
 * @returns the end of the probe, with the longest time that an answer took, in ms
 */
async function startProbe(url) {
  const worker = new Worker(new URL('../support/probe.mjs', import.meta.url), { workerData: url });
  await once(worker, 'message');
  return async () => {
    worker.postMessage('end');
    const [worst] = await once(worker, 'message');
    return Number(worst);
  };
}

const text = 'x'.repeat(TEXT);
const wide = Object.fromEntries(Array.from({ length: FIELDS }, (_, index) => [`k${index}`, index]));

export const measure = () =>
  inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const client = new Client(maestro.url, 4);
    const minimal = { prefer: 'return=minimal' };
    try {
      const projectId = await client.project();
      /** @type {string[]} */
      const ids = [];
      await sideBySide(TASKS, 4, async () => {
        ids.push((await client.ask('POST', '/api/tasks', { projectId, title: 'T' })).id);
      });
      const session = async (/** @type {object} */ more) =>
        (await client.ask('POST', '/api/sessions', { projectId, taskIds: [], ...more })).id;
      const small = await session({ status: 'working' });
      const large = await session({ taskIds: ids.slice(0, 8_000), strategy: 'queue' });
      const taskId = ids[0] ?? '';
      const entries = Array.from({ length: ENTRIES }, (_, index) => ({ message: `entry ${index}`, taskId }));
      const events = entries.map(({ message }) => ({ type: 'e', data: { message } }));
      /** @type {[string, () => Promise<unknown>][]} */
      const requests = [
        ['nothing', () => Promise.resolve()],
        [
          'POST /api/projects, a long description',
          () => client.text('POST', '/api/projects', { name: 'A', description: text }),
        ],
        [
          'POST /api/tasks, a long description',
          () => client.text('POST', '/api/tasks', { projectId, title: 'T', description: text }),
        ],
        [
          'POST /api/tasks, metadata of many fields',
          () => client.text('POST', '/api/tasks', { projectId, title: 'T', metadata: wide }),
        ],
        [
          'PATCH /api/tasks/{id}, a long description',
          () => client.text('PATCH', `/api/tasks/${ids[9_000]}`, { description: text }),
        ],
        ['GET /api/tasks, all', () => client.text('GET', `/api/tasks?projectId=${projectId}`)],
        [
          'POST /api/templates, a long content',
          () => client.text('POST', '/api/templates', { name: 'T', role: 'worker', content: text }),
        ],
        [
          `POST /api/sessions, ${TASKS} tasks`,
          () => client.text('POST', '/api/sessions', { projectId, taskIds: ids }),
        ],
        [
          'POST /api/sessions, metadata of many fields',
          () => client.text('POST', '/api/sessions', { projectId, taskIds: [], metadata: wide }),
        ],
        [
          'POST /api/sessions/spawn, a large context',
          () =>
            client.text('POST', '/api/sessions/spawn', {
              projectId,
              taskIds: [taskId],
              context: { text: text.slice(0, 1_000_000) },
            }),
        ],
        [
          'PATCH /api/sessions/{id}, a name, 8,000 tasks',
          () => client.text('PATCH', `/api/sessions/${large}`, { name: 'N' }, minimal),
        ],
        [
          `PATCH /api/sessions/{id}, ${TASKS} tasks`,
          async () => client.text('PATCH', `/api/sessions/${await session({})}`, { taskIds: ids }, minimal),
        ],
        [
          `PATCH /api/sessions/{id}, ${ENTRIES} entries`,
          () => client.text('PATCH', `/api/sessions/${small}`, { timeline: entries }, minimal),
        ],
        [
          `PATCH /api/sessions/{id}, ${ENTRIES} events`,
          () => client.text('PATCH', `/api/sessions/${small}`, { events }, minimal),
        ],
        [
          'PATCH /api/sessions/{id}, large metadata',
          async () =>
            client.text('PATCH', `/api/sessions/${await session({})}`, { metadata: { text } }, minimal),
        ],
        [
          'POST /api/sessions/{id}/timeline, a long message',
          () => client.text('POST', `/api/sessions/${small}/timeline`, { message: text }, minimal),
        ],
        [
          'POST /api/sessions/{id}/events, many fields',
          () => client.text('POST', `/api/sessions/${small}/events`, { type: 'e', data: wide }, minimal),
        ],
        [
          'POST /api/sessions/{id}/queue/start and complete, 8,000 items',
          async () => {
            await client.text('POST', `/api/sessions/${large}/queue/start`);
            await client.text('POST', `/api/sessions/${large}/queue/complete`);
          },
        ],
        ['GET /api/sessions/{id}', () => client.text('GET', `/api/sessions/${small}`)],
        ['GET /api/sessions', () => client.text('GET', '/api/sessions')],
        [
          'DELETE /api/sessions/{id}, 8,000 tasks',
          async () => client.text('DELETE', `/api/sessions/${large}`).catch(() => undefined),
        ],
      ];
      const figures = [];
      for (const [work, send] of requests) {
        const stop = await startProbe(maestro.url);
        for (let index = 0; index < REPEATS; index += 1) await send();
        const ours = await stop();
        figures.push(
          figure(`worst pause: ${work}`, {
            unit: 'ms',
            ours,
            limit: GOAL_MS,
            against: `${GOAL_MS} ms`,
            atMost: 1,
          }),
        );
        console.error(`  ${work}: ${ours.toFixed(0)} ms`);
      }
      return figures;
    } finally {
      client.close();
      await maestro.stop();
    }
  });
