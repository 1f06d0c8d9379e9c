// @ts-check
// `npm run bench:curves`: how cost grows with the work, over three decades each, as charts in bench/results/.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './support/chart.mjs';
import { Client, timesOf } from './support/client.mjs';
import { fileAt, inFolder, startMaestro } from './support/processes.mjs';
import { median } from './support/statistics.mjs';
import { writeStored } from './support/stored.mjs';
import { openWatchers } from './support/watchers.mjs';

/** @typedef {[number, number]} Point */
/** @typedef {{title: string, x: string, y: string, series: {name: string, points: Point[]}[]}} Curve */

const SAMPLES = 100;

/**
 * @template T
 * @param {(folder: string, maestro: import('./support/processes.mjs').Running, client: Client) => Promise<T>} work
 * @param {(folder: string) => void} [prepare]
 */
const onServer = (work, prepare) =>
  inFolder(async (folder) => {
    prepare?.(join(folder, 'data'));
    const maestro = await startMaestro(folder);
    const client = new Client(maestro.url);
    try {
      return await work(folder, maestro, client);
    } finally {
      client.close();
      await maestro.stop();
    }
  });

const none = { projects: 1, tasks: 0, sessions: 0, entries: 0, queues: 0 };

/** @returns {Promise<Curve>} */
async function tasks() {
  /** @type {Point[][]} */
  const [get, change, create] = [[], [], []];
  for (const count of [10, 100, 1_000, 10_000])
    await onServer(
      async (_folder, _maestro, client) => {
        const at = (/** @type {number} */ index) => `/api/tasks/task_${index % count}`;
        get?.push([count, median(await timesOf(SAMPLES, (index) => client.text('GET', at(index))))]);
        change?.push([
          count,
          median(await timesOf(SAMPLES, (index) => client.text('PATCH', at(index), { title: `T${index}` }))),
        ]);
        const task = { projectId: 'proj_0', title: 'T' };
        create?.push([count, median(await timesOf(SAMPLES, () => client.text('POST', '/api/tasks', task)))]);
      },
      (data) => writeStored(data, { ...none, tasks: count }),
    );
  return {
    title: 'Tasks stored',
    x: 'tasks',
    y: 'ms for a request',
    series: [
      { name: 'GET one', points: get ?? [] },
      { name: 'PATCH one', points: change ?? [] },
      { name: 'POST one', points: create ?? [] },
    ],
  };
}

/** @returns {Promise<Curve>} */
async function sessions() {
  /** @type {Point[][]} */
  const [report, start] = [[], []];
  for (const count of [10, 100, 1_000, 10_000])
    await onServer(
      async (_folder, maestro, client) => {
        start?.push([count, maestro.startMs]);
        const path = (/** @type {number} */ index) => `/api/sessions/sess_${index % count}/timeline`;
        const minimal = { prefer: 'return=minimal' };
        report?.push([
          count,
          median(
            await timesOf(SAMPLES, (index) => client.text('POST', path(index), { message: 'm' }, minimal)),
          ),
        ]);
      },
      (data) => writeStored(data, { ...none, sessions: count, entries: 5, status: 'working' }),
    );
  return {
    title: 'Live sessions',
    x: 'sessions',
    y: 'ms',
    series: [
      { name: 'a report', points: report ?? [] },
      { name: 'start', points: start ?? [] },
    ],
  };
}

/** @returns {Promise<Curve>} */
async function timeline() {
  /** @type {Point[][]} */
  const [small, whole] = [[], []];
  await onServer(async (_folder, _maestro, client) => {
    const projectId = await client.project();
    const { id } = await client.ask('POST', '/api/sessions', { projectId, taskIds: [] });
    const path = `/api/sessions/${id}/timeline`;
    const entry = { message: 'x'.repeat(150) };
    const minimal = { prefer: 'return=minimal' };
    let length = 0;
    for (const count of [10, 100, 1_000, 10_000]) {
      while (length < count - 40) {
        await client.text('POST', path, entry, minimal);
        length += 1;
      }
      const times = await timesOf(20, () => client.text('POST', path, entry, minimal));
      small?.push([count, median(times)]);
      whole?.push([count, median(await timesOf(20, () => client.text('POST', path, entry)))]);
      length += 40;
    }
  });
  return {
    title: 'Length of a timeline',
    x: 'entries',
    y: 'ms for an append',
    series: [
      { name: 'minimal answer', points: small ?? [] },
      { name: 'whole answer', points: whole ?? [] },
    ],
  };
}

/** @returns {Promise<Curve>} */
async function watchers() {
  /** @type {Point[][]} */
  const [answered, heard] = [[], []];
  for (const count of [1, 10, 100, 900])
    await onServer(async (_folder, maestro, client) => {
      const projectId = await client.project();
      const { id } = await client.ask('POST', '/api/tasks', { projectId, title: 'T' });
      const watching = await openWatchers(maestro.url, count);
      const waits = [];
      const times = [];
      for (let index = 1; index <= SAMPLES; index += 1) {
        const began = performance.now();
        await client.text('PATCH', `/api/tasks/${id}`, { title: `T${index}` });
        times.push(performance.now() - began);
        await watching.heard(index);
        waits.push(performance.now() - began);
      }
      watching.close();
      answered?.push([count, median(times)]);
      heard?.push([count, median(waits)]);
    });
  return {
    title: 'Watchers',
    x: 'watchers',
    y: 'ms from the request',
    series: [
      { name: 'to its answer', points: answered ?? [] },
      { name: 'to the last watcher', points: heard ?? [] },
    ],
  };
}

/** @returns {Promise<Curve>} */
async function queue() {
  /** @type {Point[]} */
  const points = [];
  for (const count of [10, 100, 1_000, 10_000])
    await onServer(
      async (_folder, _maestro, client) => {
        const taskIds = Array.from({ length: count }, (_, index) => `task_${index}`);
        const body = { projectId: 'proj_0', taskIds, strategy: 'queue', status: 'working' };
        const { id } = await client.ask('POST', '/api/sessions', body);
        const moves = Math.min(count, SAMPLES);
        const times = await timesOf(2 * moves, (index) =>
          client.text('POST', `/api/sessions/${id}/queue/${index % 2 === 0 ? 'start' : 'complete'}`, {}),
        );
        points.push([count, median(times)]);
      },
      (data) => writeStored(data, { ...none, tasks: count }),
    );
  return {
    title: 'Length of a queue',
    x: 'items',
    y: 'ms for a move',
    series: [{ name: 'start, complete', points }],
  };
}

/** What the chart shows, said in a sentence with its own numbers. @param {Curve} curve */
function saying({ series, x }) {
  const parts = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return name;
    return `${name} ×${Number((last[1] / first[1]).toPrecision(2))}`;
  });
  const [from, to] = [series[0]?.points[0]?.[0] ?? 0, series[0]?.points.at(-1)?.[0] ?? 0];
  return `From ${from.toLocaleString('en')} to ${to.toLocaleString('en')} ${x}: ${parts.join(', ')}.`;
}

for (const [name, measure] of Object.entries({ tasks, sessions, timeline, watchers, queue })) {
  console.error(`measuring ${name} …`);
  const curve = await measure();
  const says = saying(curve);
  writeFileSync(fileAt(`results/${name}.svg`), chart({ ...curve, says }));
  console.log(`${curve.title}. ${says}`);
}
