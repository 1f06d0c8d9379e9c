// From the start of the process until it answers.
import { join } from 'node:path';
import { figure } from '../support/figure.mjs';
import { durationOf, inFolder, printedBy, startMaestro } from '../support/processes.mjs';
import { median } from '../support/statistics.mjs';
import { writeStored } from '../support/stored.mjs';

const ROUNDS = 7;
const MIB = 1024 * 1024;

/** @param {string} folder */
async function startOf(folder) {
  const began = performance.now();
  const maestro = await startMaestro(folder);
  const response = await fetch(`${maestro.url}/health`);
  if (!response.ok) throw new Error(`/health: ${response.status}`);
  await response.text();
  const ms = performance.now() - began;
  const { peak } = maestro.memory();
  await maestro.stop();
  return { ms, peak };
}

export const measure = () =>
  inFolder(async (folder) => {
    const imports = "await import('express'); await import('ws'); await import('xstate');";
    const [ours, bare, loaded] = [[], [], []].map(() => /** @type {number[]} */ ([]));
    for (let round = 0; round < ROUNDS; round += 1) {
      ours?.push((await startOf(folder)).ms);
      bare?.push(durationOf('0'));
      loaded?.push(durationOf(imports));
    }
    const [node, libraries] = [median(bare ?? []), median(loaded ?? [])];
    // 2.5 times `node -e 0`, plus what the imports cost beyond it: told as a ratio to that sum.
    return [
      figure('start with empty data, to /health', {
        unit: 'ms',
        ours: median(ours ?? []),
        limit: 2.5 * node + (libraries - node),
        against: `2.5 × node -e 0 (${node.toFixed(0)} ms) + imports of express, ws, xstate (${(libraries - node).toFixed(0)} ms)`,
        atMost: 1,
      }),
    ];
  });

export const measureStored = () =>
  inFolder(async (folder) => {
    const data = join(folder, 'data');
    writeStored(data, { projects: 100, tasks: 10_000, sessions: 1_000, entries: 20, queues: 100 });
    await startOf(folder); // The first start writes what is missing; the others read alone.
    /** @type {{ms: number, peak: number}[]} */
    const starts = [];
    /** @type {number[]} */
    const limits = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      starts.push(await startOf(folder));
      limits.push(printedBy('limits/read-files.mjs', data));
    }
    const ms = median(starts.map((each) => each.ms));
    const peak = median(starts.map((each) => each.peak)) / MIB;
    const work = 'start with 100 projects, 10,000 tasks, 1,000 sessions, 100 queues';
    return [
      figure(work, {
        unit: 'ms',
        ours: ms,
        limit: median(limits),
        against: 'readFileSync and JSON.parse of the same files',
        atMost: 2.5,
      }),
      figure(`${work}: within`, { unit: 'ms', ours: ms, limit: 800, against: '0.8 s', atMost: 1 }),
      figure(`${work}: peak memory`, {
        unit: 'MiB',
        ours: peak,
        limit: 150,
        against: '150 MB',
        atMost: 1,
      }),
    ];
  });
