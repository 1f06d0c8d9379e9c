// @ts-check
// A watcher that misses nothing: it comes back with `since` when the connection is lost.
import { WebSocket } from 'ws';

/**
 * @typedef {{type: string, seq: number, data: any}} Fact
 */

const RECONNECT_MS = 100;
const LIMIT_MS = 120_000;

export class FactLog {
  /** @type {Fact[]} */
  facts = [];
  #url;
  #tell;
  /** @type {WebSocket | null} */
  #socket = null;
  #closed = false;
  /** @type {Set<() => void>} */
  #waiting = new Set();
  /** @type {Set<(fact: Fact) => void>} */
  #listeners = new Set();

  /**
   * @param {string} url of the server
   * @param {(line: string) => void} tell
   */
  constructor(url, tell) {
    this.#url = url;
    this.#tell = tell;
    this.#connect();
  }

  #connect() {
    const last = this.facts.at(-1)?.seq;
    const socket = new WebSocket(
      `${this.#url.replace('http', 'ws')}/?topics=queue${last === undefined ? '' : `&since=${last}`}`,
    );
    this.#socket = socket;
    socket.on('message', (data) => {
      /** @type {Fact} */
      const fact = JSON.parse(String(data));
      this.facts.push(fact);
      this.#tell(`  ${fact.seq} ${fact.type} ${summary(fact)}`);
      for (const listener of this.#listeners) listener(fact);
      for (const wake of this.#waiting) wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!this.#closed) setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }

  /**
   * Hears every fact from now on.
   * @param {(fact: Fact) => void} listener
   * @returns {() => void} the undo
   */
  listen(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when the watcher is connected. */
  async connected() {
    while (this.#socket?.readyState !== WebSocket.OPEN) {
      const socket = this.#socket;
      if (socket?.readyState === WebSocket.CONNECTING)
        await new Promise((resolve) => {
          socket.once('open', () => resolve(undefined));
          socket.once('close', () => resolve(undefined));
        });
      else await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      if (this.#closed) return;
    }
  }

  /**
   * Waits for a fact, heard already or to come.
   * @param {(fact: Fact) => boolean} holds
   */
  async until(holds) {
    if (this.facts.some(holds)) return;
    await new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiting.delete(look);
        reject(
          new Error(
            `nothing of that kind within ${LIMIT_MS} ms; heard ${this.facts.map(({ type }) => type).join(', ')}`,
          ),
        );
      }, LIMIT_MS);
      const look = () => {
        if (!this.facts.some(holds)) return;
        clearTimeout(limit);
        this.#waiting.delete(look);
        resolve(undefined);
      };
      this.#waiting.add(look);
    });
  }

  close() {
    this.#closed = true;
    this.#socket?.terminate();
  }
}

/** @param {Fact} fact */
function summary({ type, data }) {
  if (type !== 'session:updated')
    return data?.id ?? data?.taskId ?? data?.session?.id ?? data?.sessionId ?? '';
  const last = data.timeline.at(-1);
  return `${data.status}${data.needsInput?.active ? ', asks' : ''}: ${(last?.message ?? last?.type ?? '').split('\n')[0]}`;
}
