// What MAESTRO_INSPECT costs: entries on the timelines of many sessions, with it off, on, and with somebody attached.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Client, perSecond } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, startMaestro } from '../support/processes.mjs';
import { median } from '../support/statistics.mjs';

const SESSIONS = 64;
const ROUNDS = 5;
const SECONDS = 3;

/** @typedef {{inspects: boolean, isAttached: boolean}} Way */

/**
 * A server with its sessions, and what asks it for entries per second.
 * @param {string} folder
 * @param {Way} way
 */
async function prepare(folder, { inspects, isAttached }) {
  const maestro = await startMaestro(folder, inspects ? { MAESTRO_INSPECT: '1' } : {});
  const client = new Client(maestro.url, SESSIONS);
  const projectId = await client.project();
  /** @type {import('autocannon').Request[]} */
  const requests = [];
  for (let count = 0; count < SESSIONS; count += 1) {
    const { id } = await client.ask('POST', '/api/sessions', { projectId, taskIds: [], status: 'working' });
    const headers = { 'content-type': 'application/json', prefer: 'return=minimal' };
    const body = JSON.stringify({ type: 'progress', message: 'x'.repeat(150) });
    requests.push({ method: 'POST', path: `/api/sessions/${id}/timeline`, headers, body });
  }
  client.close();
  let entries = 0;
  let messages = 0;
  const socket = isAttached ? new WebSocket(`${maestro.url.replace('http', 'ws')}/inspect`) : null;
  if (socket) {
    socket.on('message', () => (messages += 1));
    await once(socket, 'open');
  }
  const stop = async () => {
    // It must have been told all that was measured: an event and a snapshot for each.
    if (socket && (messages < 2 * entries || socket.readyState !== WebSocket.OPEN))
      throw new Error(`the inspector heard ${messages} messages and is ${socket.readyState}`);
    socket?.terminate();
    await maestro.stop();
  };
  const run = async () => {
    const before = maestro.cpuMs();
    const rate = await perSecond(maestro.url, { requests, connections: SESSIONS, duration: SECONDS });
    entries += rate * SECONDS;
    return { rate, cpu: (maestro.cpuMs() - before) / (rate * SECONDS) };
  };
  return { run, stop };
}

export const measure = () =>
  inFolder(async (folder) => {
    /** @type {Record<'off' | 'on' | 'attached', Way>} */
    const ways = {
      off: { inspects: false, isAttached: false },
      on: { inspects: true, isAttached: false },
      attached: { inspects: true, isAttached: true },
    };
    const servers = {
      off: await prepare(`${folder}/off`, ways.off),
      on: await prepare(`${folder}/on`, ways.on),
      attached: await prepare(`${folder}/attached`, ways.attached),
    };
    /** @type {Record<keyof typeof ways, {rate: number, cpu: number}[]>} */
    const runs = { off: [], on: [], attached: [] };
    const names = /** @type {(keyof typeof ways)[]} */ (Object.keys(ways));
    // In turns, so that whatever else the machine does falls on all; the first round warms up.
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const name of names) {
        const measured = await servers[name].run();
        if (round > 0) runs[name].push(measured);
      }
    for (const name of names) await servers[name].stop();
    const against = 'the same without MAESTRO_INSPECT';
    const entries = `${SESSIONS} sessions, minimal answers, MAESTRO_INSPECT=1`;
    /** @param {'on' | 'attached'} name @param {'rate' | 'cpu'} what */
    const compared = (name, what) => ({
      against,
      unit: what === 'rate' ? '1/s' : 'ms',
      ours: median(runs[name].map((run) => run[what])),
      limit: median(runs.off.map((run) => run[what])),
    });
    return [
      figure(`entries of ${entries}, nobody attached`, { ...compared('on', 'rate'), atLeast: 0.9 }),
      figure(`entries of ${entries}, one attached`, { ...compared('attached', 'rate'), atLeast: 0.5 }),
      figure("the server's CPU for one of these, nobody attached", { ...compared('on', 'cpu'), atMost: 1.1 }),
      figure("the server's CPU for one of these, one attached", {
        ...compared('attached', 'cpu'),
        atMost: 2,
      }),
    ];
  });
