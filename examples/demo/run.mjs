// @ts-check
// `npm run demo`: plays the demo, prints the facts as they come, and at the end what became of each task.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { playDemo } from './demo.mjs';

const folder = mkdtempSync(join(tmpdir(), 'maestro-demo-'));
const { played } = await playDemo({ folder, tell: (line) => console.log(line) });

const table = new Table({
  head: ['session', 'task', 'outcome', 'seconds', 'result'],
  wordWrap: true,
  ...(process.stdout.isTTY ? {} : { style: { head: [], border: [] } }),
  colWidths: [12, 30, 11, 9, 58],
});
for (const { session, outcomes } of played)
  for (const { task, outcome, seconds, result } of outcomes)
    table.push([session.name, task.title, outcome, seconds?.toFixed(1) ?? '', result]);
console.log(table.toString());
for (const { session } of played)
  console.log(`${session.name} (${session.strategy}): ${session.status}, ${session.id}`);
console.log(`
Everything is on the sessions' timelines. To look at it:
  DATA_DIR=${folder}/data SESSION_DIR=${folder}/sessions npm start
  node dist/cli/maestro.js session info <session id>`);
