// Many sessions: what a live one holds in memory beyond its record, and what those cost that ended long ago.
import { join } from 'node:path';
import { Client, sideBySide } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, startMaestro } from '../support/processes.mjs';
import { median } from '../support/statistics.mjs';
import { writeStored } from '../support/stored.mjs';

const LIVE = 10_000;
const PART = 1_000;
const KIB = 1024;

/** Memory after start with so many sessions of a status, when the heap is as small as it gets. @param {string} status */
const memoryWith = (status) =>
  inFolder(async (folder) => {
    const sizes = { projects: 1, tasks: 0, sessions: LIVE, entries: 1, queues: 0, status };
    writeStored(join(folder, 'data'), sizes);
    const maestro = await startMaestro(folder, {}, [
      '--expose-gc',
      '--import',
      'data:text/javascript,setInterval(()=>globalThis.gc(),400).unref()',
    ]);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const { now } = maestro.memory();
    await maestro.stop();
    return now;
  });

export async function measure() {
  const [live, ended] = [await memoryWith('working'), await memoryWith('completed')];
  const creating = await inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const client = new Client(maestro.url, 20);
    try {
      const projectId = await client.project();
      const parts = [];
      for (let part = 0; part < LIVE / PART; part += 1) {
        const began = performance.now();
        await sideBySide(PART, 20, () =>
          client.text('POST', '/api/sessions', { projectId, taskIds: [], status: 'working' }),
        );
        parts.push((performance.now() - began) / PART);
      }
      return parts;
    } finally {
      client.close();
      await maestro.stop();
    }
  });
  return [
    figure(`memory of each of ${LIVE} live sessions beyond its record`, {
      unit: 'KiB',
      ours: (live - ended) / LIVE / KIB,
      limit: 12,
      against: '12 KB',
      atMost: 1,
    }),
    figure(`creating ${LIVE} live sessions: the last 3,000`, {
      unit: 'ms each',
      ours: median(creating.slice(-3)),
      limit: median(creating.slice(1, 4)),
      against: 'sessions 1,000 to 4,000',
      atMost: 1.3,
    }),
  ];
}

/** Start, memory and a list with ever more ended sessions on disk. */
export async function measureEnded() {
  const costs = [];
  for (const sessions of [1_000, 10_000, 100_000])
    costs.push(
      await inFolder(async (folder) => {
        const sizes = { projects: 100, tasks: 0, sessions, entries: 2, queues: 0 };
        writeStored(join(folder, 'data'), sizes);
        const maestro = await startMaestro(folder);
        const client = new Client(maestro.url);
        const began = performance.now();
        const asked = 20;
        for (let index = 0; index < asked; index += 1)
          await client.text('GET', '/api/sessions?projectId=proj_5');
        const listMs = (performance.now() - began) / asked / (sessions / sizes.projects);
        client.close();
        const cost = { sessions, startMs: maestro.startMs, memory: maestro.memory().now, listMs };
        await maestro.stop();
        return cost;
      }),
    );
  const [small, middle, large] = costs;
  if (!small || !middle || !large) throw new Error('unreachable');
  const each = (
    /** @type {typeof small} */ a,
    /** @type {typeof small} */ b,
    /** @type {'startMs' | 'memory'} */ what,
  ) => (b[what] - a[what]) / (b.sessions - a.sessions);
  return [
    figure('start for each of 100,000 ended sessions on disk', {
      unit: 'µs',
      ours: each(middle, large, 'startMs') * 1_000,
      limit: each(small, middle, 'startMs') * 1_000,
      against: 'each of 10,000',
      atMost: 1.3,
    }),
    figure('memory for each of 100,000 ended sessions on disk', {
      unit: 'KiB',
      ours: each(middle, large, 'memory') / KIB,
      limit: each(small, middle, 'memory') / KIB,
      against: 'each of 10,000',
      atMost: 1.3,
    }),
    figure('a list among 100,000 ended sessions, for each that it returns', {
      unit: 'ms',
      ours: large.listMs,
      limit: middle.listMs,
      against: 'among 10,000',
      atMost: 1.3,
    }),
  ];
}
