// @ts-check
// Durable task creations per second from 20 connections, beside a bare express server that only echoes JSON.
// Server and load share the machine; the figure is the ratio within one run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const SECONDS = Number(process.argv[2] ?? 6);
const CONNECTIONS = 20;

/** @param {string} path */
const fileAt = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param {string} script
 * @param {Record<string, string>} env
 */
async function start(script, env = {}) {
  const child = spawn(process.execPath, [fileAt(script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const data of child.stdout) {
    const url = /listens on (http:\S+)/.exec(String(data))?.[1];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`${script} did not start`);
}

/**
 * @param {string} url
 * @param {string} body
 */
async function load(url, body) {
  const headers = { 'content-type': 'application/json' };
  const result = await autocannon({
    url,
    method: 'POST',
    headers,
    body,
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

const folder = mkdtempSync(join(tmpdir(), 'maestro-bench-'));
const echo = await start('echo-server.mjs');
const maestro = await start('../dist/main.js', {
  PORT: '0',
  DATA_DIR: join(folder, 'data'),
  SESSION_DIR: join(folder, 'sessions'),
  LOG_LEVEL: 'info',
});
try {
  const response = await fetch(`${maestro.url}/api/projects`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench' }),
  });
  const { id: projectId } = /** @type {{id: string}} */ (await response.json());
  const body = JSON.stringify({
    projectId,
    title: 'A task of ordinary length',
    description: 'What is to be done.',
  });
  await load(`${echo.url}/`, body);
  const bare = await load(`${echo.url}/`, body);
  const durable = await load(`${maestro.url}/api/tasks`, body);
  console.table({ 'bare express echo': bare, 'durable task creation': durable });
  console.log(`ratio ${(durable.perSecond / bare.perSecond).toFixed(2)}`);
} finally {
  for (const { child } of [echo, maestro]) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}
