// One watcher that never reads, among twenty that do.
import { Client } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, startMaestro } from '../support/processes.mjs';
import { quantile } from '../support/statistics.mjs';
import { openWatchers } from '../support/watchers.mjs';

const APPENDS = 3_000;
const READERS = 20;
const MIB = 1024 * 1024;

/** @param {boolean} withDeaf */
const run = (withDeaf) =>
  inFolder(async (folder) => {
    // So that what grows is what is held, and not what was not collected yet.
    const maestro = await startMaestro(folder, {}, ['--max-semi-space-size=1']);
    const client = new Client(maestro.url);
    const projectId = await client.project();
    /** @type {number[]} */
    const times = [];
    let began = 0;
    const readers = await openWatchers(maestro.url, READERS, '?view=changes', () =>
      times.push(performance.now() - began),
    );
    const deaf = withDeaf ? await openWatchers(maestro.url, 1, '?view=changes') : null;
    for (const socket of deaf?.sockets ?? []) socket.pause();
    try {
      const { id } = await client.ask('POST', '/api/sessions', { projectId, taskIds: [] });
      const entry = { message: 'x'.repeat(2_000) };
      for (let index = 0; index < APPENDS; index += 1) {
        began = performance.now();
        await client.text('POST', `/api/sessions/${id}/timeline`, entry, { prefer: 'return=minimal' });
      }
      await readers.heard(APPENDS + 1);
      return { p99: quantile(times, 0.99), memory: maestro.memory().now };
    } finally {
      readers.close();
      deaf?.close();
      client.close();
      await maestro.stop();
    }
  });

export async function measure() {
  const without = await run(false);
  const withDeaf = await run(true);
  const work = `one watcher that never reads, ${READERS} that do, ${APPENDS} appends of 2 KB`;
  return [
    figure(`${work}: memory more than without it`, {
      unit: 'MiB',
      ours: Math.max(0, withDeaf.memory - without.memory) / MIB,
      limit: 32,
      against: '32 MB',
      atMost: 1,
    }),
    figure(`${work}: the others’ p99`, {
      unit: 'ms',
      ours: withDeaf.p99,
      limit: without.p99,
      against: 'the run without it',
      atMost: 1.5,
    }),
  ];
}
