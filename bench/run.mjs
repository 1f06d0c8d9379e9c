// @ts-check
// `npm run bench`: every measure, or those whose names are given. Prints a table and writes the figures, with date, commit
// and machine, to bench/results/. Each figure stands beside what this machine does at best for the same work in the same
// run: only the ratios mean something elsewhere.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import Table from 'cli-table3';
import * as deafWatcher from './measures/deaf-watcher.mjs';
import * as fanOut from './measures/fan-out.mjs';
import * as hostile from './measures/hostile.mjs';
import * as inspection from './measures/inspection.mjs';
import * as queue from './measures/queue.mjs';
import * as requests from './measures/requests.mjs';
import * as sessions from './measures/sessions.mjs';
import * as spawns from './measures/spawns.mjs';
import * as starts from './measures/start.mjs';
import * as timeline from './measures/timeline.mjs';
import * as worstPause from './measures/worst-pause.mjs';
import { fileAt } from './support/processes.mjs';

/** @type {Record<string, () => Promise<import('./support/figure.mjs').Figure[]>>} */
const measures = {
  requests: requests.measure,
  reads: requests.measureReads,
  start: starts.measure,
  'start-stored': starts.measureStored,
  timeline: timeline.measure,
  queue: queue.measure,
  'fan-out': fanOut.measure,
  'deaf-watcher': deafWatcher.measure,
  hostile: hostile.measure,
  inspection: inspection.measure,
  spawns: spawns.measure,
  sessions: sessions.measure,
  'ended-sessions': sessions.measureEnded,
  'worst-pause': worstPause.measure,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in measures));
if (unknown.length > 0) {
  console.error(`There is no measure ${unknown.join(', ')}. There are: ${Object.keys(measures).join(', ')}.`);
  process.exit(2);
}
const names = asked.length > 0 ? asked : Object.keys(measures);

const round = (/** @type {number} */ value) => Number(value.toPrecision(3));

/** @type {import('./support/figure.mjs').Figure[]} */
const figures = [];
for (const name of names) {
  console.error(`measuring ${name} …`);
  figures.push(...((await measures[name]?.()) ?? []));
}

const table = new Table({
  head: ['work', 'ours', 'limit', 'ratio', 'goal', ''],
  colWidths: [48, 14, 14, 8, 8, 4],
  wordWrap: true,
  style: { head: [], border: [], compact: true },
});
for (const { work, unit, ours, limit, against, ratio, goal, isReached } of figures)
  table.push([
    `${work}\nagainst ${against}`,
    `${round(ours)} ${unit}`,
    `${round(limit)} ${unit}`,
    round(ratio),
    goal,
    isReached ? '✓' : '✗',
  ]);
console.log(table.toString());

const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
const date = new Date().toISOString();
const machine = {
  cpu: cpus()[0]?.model,
  cores: availableParallelism(),
  memoryGiB: round(totalmem() / 1024 ** 3),
  system: `${platform()} ${arch()}`,
  node: process.version,
};
const file = `results/${date.slice(0, 10)}-${commit}${asked.length > 0 ? `-${asked.join('-')}` : ''}.json`;
writeFileSync(fileAt(file), `${JSON.stringify({ date, commit, machine, figures }, null, 2)}\n`);
console.error(`written to bench/${file}`);
