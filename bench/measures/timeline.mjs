// Appends to the timeline of one session, while watchers hear each of them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, timesOf } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, startMaestro } from '../support/processes.mjs';
import { median, sum } from '../support/statistics.mjs';
import { openWatchers } from '../support/watchers.mjs';

const APPENDS = 3_000;
const PART = 300;
const WATCHERS = 5;

/** Bytes of the journal's lines, without the zeros ahead of them. @param {string} path */
const linesIn = (path) => {
  const bytes = readFileSync(path);
  const end = bytes.indexOf(0);
  return end === -1 ? bytes.length : end;
};

/** @param {string} folder */
const journalBytes = (folder) =>
  sum(readdirSync(join(folder, 'data/journal')).map((name) => linesIn(join(folder, 'data/journal', name))));

/** @param {{query: string, headers: Record<string, string>}} how */
const appends = ({ query, headers }) =>
  inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const client = new Client(maestro.url);
    const projectId = await client.project();
    const { id } = await client.ask('POST', '/api/sessions', { projectId, taskIds: [] });
    const watchers = await openWatchers(maestro.url, WATCHERS, query);
    const entry = { message: 'x'.repeat(150) };
    const path = `/api/sessions/${id}/timeline`;
    const bytes = [];
    try {
      // The first of them find a cold server.
      await timesOf(PART, () => client.text('POST', path, entry, headers));
      const times = [];
      for (let part = 0; part < APPENDS / PART; part += 1) {
        const before = { disk: journalBytes(folder), wire: watchers.bytes() };
        times.push(await timesOf(PART, () => client.text('POST', path, entry, headers)));
        await watchers.heard((part + 2) * PART);
        bytes.push({
          disk: journalBytes(folder) - before.disk,
          wire: watchers.bytes() - before.wire,
        });
      }
      return { times, bytes };
    } finally {
      watchers.close();
      client.close();
      await maestro.stop();
    }
  });

export async function measure() {
  const small = await appends({ query: '?view=changes', headers: { prefer: 'return=minimal' } });
  const whole = await appends({ query: '', headers: {} });
  const against = `the first ${PART}`;
  const ends = (/** @type {number[][]} */ times) => ({
    ours: median(times.at(-1) ?? []),
    limit: median(times[0] ?? []),
    unit: 'ms',
    against,
  });
  const grown = (/** @type {'disk' | 'wire'} */ what) => ({
    ours: (small.bytes.at(-1)?.[what] ?? 0) / PART,
    limit: (small.bytes[0]?.[what] ?? 0) / PART,
    unit: 'bytes',
    against,
    atMost: 1.05,
  });
  const work = `the last ${PART} of ${APPENDS} appends to one session, ${WATCHERS} watchers`;
  return [
    figure(`${work}, changes, minimal answers`, { ...ends(small.times), atMost: 1.2 }),
    figure('bytes on disk for each of these', grown('disk')),
    figure('bytes on the wire for each of these', grown('wire')),
    figure(`${work}, all whole`, { ...ends(whole.times), atMost: 3 }),
  ];
}
