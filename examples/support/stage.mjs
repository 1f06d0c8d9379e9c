// @ts-check
// The built server, a terminal host and the `maestro` command on data of their own: what the examples play on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { FactLog } from './fact-log.mjs';

export const repository = fileURLToPath(new URL('../../', import.meta.url));
const cli = join(repository, 'dist/cli/maestro.js');

/** A command of the CLI may take this long: a spawn waits for its manifest. */
const COMMAND_LIMIT_MS = 60_000;

/**
 * @typedef {object} StageOptions
 * @property {string} folder data of its own; left as it is at the end.
 * @property {string} agent the script that stands in for an agent.
 * @property {(line: string) => void} tell hears what happens, a line at a time.
 */

export class Stage {
  #env;
  #tell;
  #url;
  /** @type {import('node:child_process').ChildProcess | null} */
  #server = null;
  /** @type {import('node:child_process').ChildProcess | null} */
  #host = null;
  /** How often the server was killed. */
  kills = 0;
  /** @type {FactLog} */
  log;

  /**
   * @param {StageOptions} options
   * @param {number} port one that the server can have again after it was killed
   */
  constructor({ folder, agent, tell }, port) {
    this.#tell = tell;
    this.#url = `http://127.0.0.1:${port}`;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      SESSION_DIR: join(folder, 'sessions'),
      MAESTRO_SERVER_URL: this.#url,
      // A stage may be crashed again and again: the usual three retries can all meet a server that is away.
      MAESTRO_RETRIES: '6',
      MAESTRO_AGENT_CMD: `${process.execPath} ${agent}`,
    };
    this.log = new FactLog(this.#url, tell);
  }

  /**
   * Starts the server, then a watcher and a host.
   * @param {StageOptions} options
   */
  static async open(options) {
    const stage = new Stage(options, await freePort());
    await stage.startServer();
    await stage.log.connected();
    stage.#host = spawn(process.execPath, [cli, 'host'], { env: stage.#env, stdio: 'ignore' });
    return stage;
  }

  async startServer() {
    const server = spawn(process.execPath, [join(repository, 'dist/main.js')], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#server = server;
    for await (const data of server.stdout) {
      const line = /Maestro listens on \S+/.exec(String(data))?.[0];
      if (line === undefined) continue;
      this.#tell(line);
      return;
    }
    throw new Error('the server ended before it listened');
  }

  /** Kills the server, and starts it again on the same data. */
  async crash() {
    this.kills += 1;
    this.#tell('killing the server (SIGKILL) while agents work');
    await end(this.#server, 'SIGKILL');
    await this.startServer();
  }

  /**
   * Runs a command of the CLI.
   * @param {string[]} words
   * @returns {Promise<any>} the data that it answers with.
   */
  async maestro(...words) {
    const { stdout } = await execa(process.execPath, [cli, '--json', ...words], {
      env: this.#env,
      extendEnv: false,
      timeout: COMMAND_LIMIT_MS,
    });
    return JSON.parse(stdout).data;
  }

  /**
   * Reads something from the server.
   * @param {string} path
   * @returns {Promise<any>}
   */
  async get(path) {
    return (await fetch(this.#url + path)).json();
  }

  async close() {
    this.log.close();
    await end(this.#host, 'SIGTERM');
    await end(this.#server, 'SIGTERM');
  }
}

/**
 * @param {import('node:child_process').ChildProcess | null} child
 * @param {NodeJS.Signals} signal
 */
async function end(child, signal) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
