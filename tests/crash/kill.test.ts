// The built server is killed again and again under load, on the same data. CRASH_KILLS says how often (8).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { Ledger, sumOf } from '../support/ledger.ts';
import { startProcess } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

const KILLS = Number(process.env['CRASH_KILLS'] ?? 8);
const CONNECTIONS = 16;
const ROUND_MS = { least: 200, more: 800 };
const LIMIT_MS = 60_000 + KILLS * 10_000;

it(
  `loses nothing that was acknowledged in ${KILLS} kills, and a watcher hears every fact once and in order`,
  async () => {
    const folder = temporaryFolder();
    const clients = Array.from({ length: CONNECTIONS }, () => new Ledger());
    const heard: number[] = [];
    let projectId: string | undefined;
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const { api, kill: end } = await startProcess({}, folder);
      const last = heard.at(-1) ?? 0;
      expect((await api.get('/health')).body.seq, 'seq never goes back').toBeGreaterThanOrEqual(last);
      const watch = await Watch.open(api.url, `?topics=all&since=${last}`);
      projectId ??= await api.project();
      for (const client of clients) await client.check(api);
      if (kill < KILLS) {
        const under = clients.map((client) => client.work(api, projectId ?? ''));
        await delay(ROUND_MS.least + Math.random() * ROUND_MS.more);
        await end();
        await Promise.all(under);
        await expect.poll(() => watch.closeCode, { timeout: 10_000 }).not.toBeNull();
      } else {
        const { seq } = (await api.get('/health')).body;
        await watch.until(() => (watch.heard.at(-1)?.seq ?? last) === seq);
      }
      heard.push(...watch.heard.map(({ seq }) => seq));
    }
    expect(heard.length).toBeGreaterThan(KILLS * CONNECTIONS);
    expect(heard).toEqual(heard.map((_seq, index) => (heard[0] ?? 0) + index));
    expect(existsSync(join(folder, 'data/quarantine'))).toBe(false);
    const { acknowledged } = sumOf(clients);
    console.log(`${KILLS} kills, ${acknowledged} acknowledged changes, ${heard.length} facts`);
  },
  LIMIT_MS,
);
