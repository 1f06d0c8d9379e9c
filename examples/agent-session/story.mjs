// @ts-check
// One agent session from the first command to its result, with the server killed in the middle. Everything is real:
// the built server, the terminal host, the `maestro` command, an agent that works on this repository.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { FactLog } from './fact-log.mjs';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(repository, 'dist/cli/maestro.js');
const ended = new Set(['completed', 'failed', 'stopped']);
const agent = fileURLToPath(new URL('agent.mjs', import.meta.url));

/**
 * @typedef {object} StoryOptions
 * @property {string} folder data of its own; left as it is at the end.
 * @property {(line: string) => void} tell hears what happens, a line at a time.
 */

/**
 * Plays the story.
 * @param {StoryOptions} options
 * @returns {Promise<{session: any, task: any, facts: import('./fact-log.mjs').Fact[], kills: number}>} the session and
 *   the task as the server shows them at the end, every fact that the watcher heard, and how often the server was killed.
 */
export async function playStory({ folder, tell }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    PORT: String(port),
    DATA_DIR: join(folder, 'data'),
    SESSION_DIR: join(folder, 'sessions'),
    MAESTRO_SERVER_URL: url,
    MAESTRO_AGENT_CMD: `${process.execPath} ${agent}`,
  };
  /** @type {(...words: string[]) => Promise<any>} */
  const maestro = async (...words) => {
    const { stdout } = await execa(process.execPath, [cli, '--json', ...words], {
      env,
      extendEnv: false,
      timeout: 60_000,
    });
    return JSON.parse(stdout).data;
  };

  let server = await startServer(env, tell);
  const log = new FactLog(url, tell);
  const host = spawn(process.execPath, [cli, 'host'], { env, stdio: 'ignore' });
  try {
    await log.connected();
    const project = await maestro('project', 'create', 'Maestro Server', '--dir', repository);
    const task = await maestro(
      '--project',
      project.id,
      'task',
      'create',
      'Count the lines of each folder and report the three largest',
    );
    const { sessionId } = await maestro('--project', project.id, 'session', 'spawn', '--task', task.id);
    tell(`spawned ${sessionId}`);

    await log.until((fact) => hasEntry(fact, sessionId, /listing the files/));
    tell('killing the server (SIGKILL) while the agent works');
    server.kill('SIGKILL');
    await once(server, 'exit');
    server = await startServer(env, tell);

    await log.until((fact) => fact.data?.id === sessionId && fact.data.needsInput?.active === true);
    tell('the agent asks; answering no');
    await maestro('session', 'answer', sessionId, 'no');
    await log.until((fact) => fact.data?.id === sessionId && ended.has(fact.data.status));

    /** @type {(path: string) => Promise<any>} */
    const get = async (path) => (await fetch(url + path)).json();
    return {
      session: await get(`/api/sessions/${sessionId}`),
      task: await get(`/api/tasks/${task.id}`),
      facts: log.facts,
      kills: 1,
    };
  } finally {
    log.close();
    for (const child of [host, server]) await end(child);
  }
}

/**
 * @param {any} fact
 * @param {string} sessionId
 * @param {RegExp} message
 */
function hasEntry(fact, sessionId, message) {
  /** @type {{message?: string}[]} */
  const timeline = fact.data?.id === sessionId ? (fact.data.timeline ?? []) : [];
  return timeline.some((entry) => message.test(entry.message ?? ''));
}

/**
 * @param {Record<string, string>} env
 * @param {(line: string) => void} tell
 */
async function startServer(env, tell) {
  const server = spawn(process.execPath, [join(repository, 'dist/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const data of server.stdout) {
    const line = /Maestro listens on \S+/.exec(String(data))?.[0];
    if (line === undefined) continue;
    tell(line);
    break;
  }
  return server;
}

/** @param {import('node:child_process').ChildProcess} child */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** A port that the server can have again after it was killed. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
