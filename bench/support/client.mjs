// Loads: autocannon for many connections, and a client on one kept connection for what must come one by one.
import { Agent, request } from 'node:http';
import autocannon from 'autocannon';

const json = { 'content-type': 'application/json' };

/**
 * Requests per second.
 * @param {string} url
 * @param {Omit<import('autocannon').Options, 'url'>} options
 */
export async function perSecond(url, options) {
  const result = await autocannon({ url, headers: json, connections: 20, ...options });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`);
  return result.requests.average;
}

export class Client {
  #url;
  #agent;

  /** @param {string} url @param {number} connections */
  constructor(url, connections = 1) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<string>} the answer's text
   */
  text(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const length = sent === undefined ? {} : { ...json, 'content-length': Buffer.byteLength(sent) };
      const options = { method, agent: this.#agent, headers: { ...length, ...headers } };
      const outgoing = request(this.#url + path, options, (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if ((response.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
        response.on('error', reject);
      });
      outgoing.on('error', reject);
      outgoing.end(sent);
    });
  }

  /** @type {(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<any>} */
  async ask(method, path, body, headers) {
    return JSON.parse(await this.text(method, path, body, headers));
  }

  /** @returns {Promise<string>} a project's id */
  async project() {
    return (await this.ask('POST', '/api/projects', { name: 'bench', workingDir: '/tmp' })).id;
  }

  close() {
    this.#agent.destroy();
  }
}

/**
 * Milliseconds that each call of `work` takes, one after the other.
 * @param {number} count
 * @param {(index: number) => Promise<unknown>} work
 */
export async function timesOf(count, work) {
  const times = [];
  for (let index = 0; index < count; index += 1) {
    const began = performance.now();
    await work(index);
    times.push(performance.now() - began);
  }
  return times;
}

/**
 * Calls `work` for each, `width` at a time.
 * @param {number} count
 * @param {number} width
 * @param {(index: number) => Promise<unknown>} work
 */
export async function sideBySide(count, width, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
