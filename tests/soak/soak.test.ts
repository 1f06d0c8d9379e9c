// Agents, watchers, restarts and faults for as long as it is told: `SOAK_MINUTES=10 npm run soak` (1). What must always
// hold is checked all the time; memory, handles and latency are shown over the time.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import asciichart from 'asciichart';
import { expect, it } from 'vitest';
import { canTrace, failing } from '../faults/failing.ts';
import type { Api } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { spawnServer, type ServerProcess } from '../support/server.ts';
import { Agent } from './agent.ts';
import { SteadyWatcher } from './steady-watcher.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 1);
const MS = MINUTES * 60_000;
const AGENTS = 6;
const SAMPLE_MS = 1_000;
/** The server dies and starts anew up to this part of the time; growth is judged in the rest, in one life. */
const RESTARTS = { count: 6, until: 0.4 };
const CHART = { width: 72, height: 8 };
/** So that memory shows what is held, and not what nobody has collected yet. */
const collecting = `data:text/javascript,
  import v8 from 'node:v8';
  import vm from 'node:vm';
  v8.setFlagsFromString('--expose-gc');
  setInterval(vm.runInNewContext('gc'), 2000).unref();`.replaceAll(/\s+/g, '%20');
const environment = { NODE_OPTIONS: `--import=${collecting}` };

interface Sample {
  memoryMiB: number;
  handles: number;
  p99Ms: number;
}

const isLinux = process.platform === 'linux';

function sampleOf(pid: number, latencies: number[]): Sample {
  const status = isLinux ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  const sorted = latencies.splice(0).sort((a, b) => a - b);
  return {
    memoryMiB: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024,
    handles: isLinux ? readdirSync(`/proc/${pid}/fd`).length : 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
  };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** As many points as the chart is wide, each the median of its part of the time. */
function chart(title: string, values: number[]): string {
  const part = Math.max(1, values.length / CHART.width);
  const points = Array.from({ length: Math.min(CHART.width, values.length) }, (_, index) =>
    median(values.slice(Math.floor(index * part), Math.max(1, Math.floor((index + 1) * part)))),
  );
  return `\n${title}\n${asciichart.plot(points, { height: CHART.height, min: 0 })}`;
}

it(
  `holds what it promises for ${MINUTES} minutes`,
  async () => {
    const folder = temporaryFolder();
    let server: ServerProcess = await spawnServer(environment, folder);
    const { port, href } = new URL(server.api.url);
    const api: Api = server.api;
    const begun = performance.now();
    const elapsed = () => (performance.now() - begun) / MS;
    const isOver = () => elapsed() >= 1;
    const latencies: number[] = [];
    const watcher = new SteadyWatcher(href, isOver);
    const projectId = await api.project();
    const agents = Array.from({ length: AGENTS }, () => new Agent(api, projectId, latencies));
    const counts = { kills: 0, stops: 0, faults: 0 };

    /** Kills, clean stops, and disks that fail, one after the other. */
    const trouble = async (): Promise<void> => {
      for (let restart = 0; !isOver(); ) {
        await delay(Math.min(MS / 20, 15_000));
        if (restart < RESTARTS.count && elapsed() < RESTARTS.until) {
          if (restart % 2 === 0) await server.kill();
          else expect(await server.stop()).toBe(0);
          counts[restart % 2 === 0 ? 'kills' : 'stops'] += 1;
          restart += 1;
          server = await spawnServer({ ...environment, PORT: port }, folder);
        } else if (canTrace()) {
          const mend = await failing(server.child.pid ?? 0, 'fdatasync,fsync', 'EIO');
          await delay(500);
          await mend();
          counts.faults += 1;
        }
      }
    };
    const samples: (Sample & { life: number })[] = [];
    const sampling = async (): Promise<void> => {
      while (!isOver()) {
        await delay(SAMPLE_MS);
        const { pid, exitCode, signalCode } = server.child;
        if (pid === undefined || exitCode !== null || signalCode !== null) continue;
        samples.push({ ...sampleOf(pid, latencies), life: pid });
      }
    };

    try {
      await Promise.all([
        watcher.watch(),
        trouble(),
        sampling(),
        ...agents.map((agent) => agent.work(isOver)),
      ]);
      const { seq } = (await api.get('/health')).body;
      await watcher.hears(seq);
      expect((await api.get('/api/sessions')).body, 'every story was cleared away').toEqual([]);
      expect((await api.get('/api/tasks')).body).toEqual([]);
      expect(server.output()).not.toMatch(/unhandled|uncaught|quarantine/i);
    } finally {
      await server.kill();
      console.log(
        [
          chart(
            'memory, MiB',
            samples.map(({ memoryMiB }) => memoryMiB),
          ),
          chart(
            'open files and sockets',
            samples.map(({ handles }) => handles),
          ),
          chart(
            'p99 of a request, ms',
            samples.map(({ p99Ms }) => p99Ms),
          ),
          `\n${agents.reduce((sum, { stories }) => sum + stories, 0)} sessions of agents, ${watcher.heard} facts in order, ` +
            `${counts.kills} kills, ${counts.stops} stops, ${counts.faults} times a failing disk`,
        ].join('\n'),
      );
    }
    const lastLife = samples.filter(({ life }) => life === server.child.pid);
    const part = (from: number, to: number, what: keyof Sample) =>
      median(
        lastLife
          .slice(Math.floor(lastLife.length * from), Math.ceil(lastLife.length * to))
          .map((sample) => sample[what]),
      );
    const growth = (what: keyof Sample) => part(0.8, 1, what) / part(0.2, 0.4, what);
    if (isLinux) {
      console.log(
        `growth within the last life: memory ${growth('memoryMiB').toFixed(2)}, handles ${growth('handles').toFixed(2)}`,
      );
      expect(growth('handles')).toBeLessThan(1.5);
      // The last ten thousand facts and the kept answers of a day fill up first, whatever is done: judged in a run that lasts.
      if (MINUTES >= 10) expect(growth('memoryMiB')).toBeLessThan(1.2);
    }
  },
  MS + 120_000,
);
