// Many spawns at once, with a CLI that takes 50 ms.
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, startMaestro } from '../support/processes.mjs';

const SPAWNS = 30;
const CONCURRENCY = 4;
const ROUNDS = 3;

const script = `#!/bin/sh
for manifest do :; done
sleep 0.05
echo '{"manifestVersion":"1.0","role":"worker","tasks":[{"id":"t"}]}' > "$manifest"
`;

/** The same processes without a server: as many at a time. @param {string} cli @param {string} folder */
function ideal(cli, folder) {
  const code = `
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    let next = 0;
    const worker = async () => {
      while (next < ${SPAWNS}) await once(spawn('${cli}', ['${folder}/out-' + next++], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }), 'exit');
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: ${CONCURRENCY} }, worker));
    console.log(performance.now() - began);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
}

export const measure = () =>
  inFolder(async (folder) => {
    const cli = join(folder, 'cli');
    writeFileSync(cli, script);
    chmodSync(cli, 0o755);
    const maestro = await startMaestro(folder, {
      MANIFEST_GENERATOR: 'cli',
      MAESTRO_CLI_PATH: cli,
      MANIFEST_CONCURRENCY: String(CONCURRENCY),
    });
    const client = new Client(maestro.url, SPAWNS);
    try {
      const projectId = await client.project();
      const best = { ours: Infinity, limit: Infinity };
      for (let round = 0; round < ROUNDS; round += 1) {
        const taskIds = [(await client.ask('POST', '/api/tasks', { projectId, title: 'T' })).id];
        const began = performance.now();
        await Promise.all(
          Array.from({ length: SPAWNS }, (_, index) =>
            client.text('POST', '/api/sessions/spawn', { projectId, taskIds, sessionName: `S${index}` }),
          ),
        );
        best.ours = Math.min(best.ours, performance.now() - began);
        best.limit = Math.min(best.limit, ideal(cli, folder));
      }
      return [
        figure(`${SPAWNS} spawns at once with a 50 ms manifest CLI, ${CONCURRENCY} at a time`, {
          ...best,
          unit: 'ms',
          against: 'the same processes without a server',
          atMost: 1.3,
        }),
      ];
    } finally {
      client.close();
      await maestro.stop();
    }
  });
