// From a request to all watchers: beside ws alone with the same bytes, and beside a simple server that does the same work
// without a sync. The servers take turns with the same number of watchers, on a calm machine and on a busy one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Client } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, start, startMaestro } from '../support/processes.mjs';
import { quantile } from '../support/statistics.mjs';
import { openWatchers } from '../support/watchers.mjs';

const ROUNDS = 10;
const FACTS_PER_ROUND = 40;
const WARM_ROUNDS = 3;

/**
 * @typedef {object} Side
 * @property {import('../support/processes.mjs').Running} server
 * @property {(index: number) => Promise<unknown>} send makes one fact
 */

/**
 * The servers in turns, round by round.
 * @param {Side[]} sides
 * @param {number} count of watchers of each
 * @returns {Promise<{p99: number, cpu: number}[]>} of each side: p99 over all watchers and facts, from the request to the
 * message, in ms; and what its process uses of the processors for one delivery, in µs
 */
export async function compare(sides, count) {
  const runs = [];
  try {
    for (const { server, send } of sides) runs.push(await Run.open(server, send, count));
    for (let round = -WARM_ROUNDS; round < ROUNDS; round += 1) {
      if (round === 0) for (const run of runs) run.begin();
      for (const run of runs) await run.round();
    }
    return runs.map((run) => run.result());
  } finally {
    for (const run of runs) run.close();
  }
}

class Run {
  /** @type {number[]} */
  #times = [];
  #began = 0;
  #missing = 0;
  #sent = 0;
  #cpuMs = 0;
  #done = () => {};
  #close = () => {};
  #server;
  #send;
  #count;

  /** @param {Side['server']} server @param {Side['send']} send @param {number} count */
  constructor(server, send, count) {
    this.#server = server;
    this.#send = send;
    this.#count = count;
  }

  /** @param {Side['server']} server @param {Side['send']} send @param {number} count */
  static async open(server, send, count) {
    const run = new Run(server, send, count);
    const { close } = await openWatchers(server.url, count, '', () => run.#heard());
    run.#close = close;
    return run;
  }

  /** What was measured so far was to warm up. */
  begin() {
    this.#times.length = 0;
    this.#cpuMs = this.#server.cpuMs();
  }

  async round() {
    for (let index = 0; index < FACTS_PER_ROUND; index += 1) {
      this.#missing = this.#count;
      const all = new Promise((resolve) => (this.#done = () => resolve(undefined)));
      this.#began = performance.now();
      await Promise.all([this.#send(this.#sent++), all]);
    }
  }

  result() {
    const cpuMs = this.#server.cpuMs() - this.#cpuMs;
    return { p99: quantile(this.#times, 0.99), cpu: (cpuMs * 1_000) / this.#times.length };
  }

  close() {
    this.#close();
  }

  #heard() {
    this.#times.push(performance.now() - this.#began);
    this.#missing -= 1;
    if (this.#missing === 0) this.#done();
  }
}

/**
 * Calls `work` while every processor has something else to do.
 * @template T
 * @param {() => Promise<T>} work
 */
export async function whileBusy(work) {
  const neighbours = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  try {
    return await work();
  } finally {
    for (const neighbour of neighbours) neighbour.kill('SIGKILL');
    await Promise.all(neighbours.map((neighbour) => neighbour.exitCode ?? once(neighbour, 'exit')));
  }
}

export const measure = () =>
  inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const simple = await start('limits/simple-server.mjs');
    const bare = await start('limits/fan-out-server.mjs');
    const [client, simpleClient, bareClient] = [maestro, simple, bare].map(({ url }) => new Client(url));
    try {
      const projectId = await client.project();
      const { id } = await client.ask('POST', '/api/tasks', { projectId, title: 'T' });
      const path = `/api/tasks/${id}`;
      const task = await client.ask('GET', path);
      await simpleClient.text('PUT', path, task);
      const type = 'task:updated';
      const fact = { type, event: type, data: task, timestamp: Date.now(), seq: 1 };
      const change = (/** @type {number} */ index) => ({ title: `T${index}` });
      const ours = {
        server: maestro,
        send: (/** @type {number} */ index) => client.text('PATCH', path, change(index)),
      };
      const theirs = {
        server: simple,
        send: (/** @type {number} */ index) => simpleClient.text('PATCH', path, change(index)),
      };
      const limit = { server: bare, send: () => bareClient.text('POST', '/', fact) };
      return [
        ...(await againstBare(ours, limit)),
        ...(await againstSimple(ours, theirs, 'calm')),
        ...(await whileBusy(() => againstSimple(ours, theirs, 'busy'))),
      ];
    } finally {
      for (const each of [client, simpleClient, bareClient]) each.close();
      for (const each of [maestro, simple, bare]) await each.stop();
    }
  });

/** @param {Side} ours @param {Side} limit */
async function againstBare(ours, limit) {
  const figures = [];
  for (const count of [50, 500]) {
    const [mine, least] = await compare([ours, limit], count);
    figures.push(
      figure(`fact from request to ${count} watchers, p99`, {
        unit: 'ms',
        ours: mine.p99,
        limit: least.p99,
        against: 'raw ws fan-out, same bytes',
        atMost: 2,
      }),
    );
  }
  return figures;
}

/** @param {Side} ours @param {Side} theirs @param {string} machine */
async function againstSimple(ours, theirs, machine) {
  const against = 'simple server: express, file without sync, JSON per client';
  const figures = [];
  for (const count of [50, 500]) {
    const [mine, other] = await compare([ours, theirs], count);
    figures.push(
      figure(`fact from request to ${count} watchers, ${machine} machine, p99`, {
        unit: 'ms',
        ours: mine.p99,
        limit: other.p99,
        against,
        atMost: 1,
      }),
      figure(`CPU of the server per delivery to ${count} watchers, ${machine} machine`, {
        unit: 'µs',
        ours: mine.cpu,
        limit: other.cpu,
        against,
        atMost: 0.7,
      }),
    );
  }
  return figures;
}
