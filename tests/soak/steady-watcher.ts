// A watcher that comes back with `since` whenever it was cut, and holds the server to its promise: every fact, once, in order.
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { WebSocket } from 'ws';

const AGAIN_MS = 50;
const LIMIT_MS = 20_000;

export class SteadyWatcher {
  heard = 0;
  #last = 0;
  #wrong: string | null = null;
  readonly #url: string;
  readonly #isOver: () => boolean;

  /** @param url of the server, over all its lives */
  constructor(url: string, isOver: () => boolean) {
    this.#url = url.replace('http', 'ws');
    this.#isOver = isOver;
  }

  /** Watches until it is over. @throws when a fact was missed, or came twice. */
  async watch(): Promise<void> {
    while (!this.#isOver()) {
      await this.#connection(() => this.#isOver());
      await delay(AGAIN_MS);
    }
    expect(this.#wrong).toBeNull();
  }

  /** Waits until this fact was heard. */
  async hears(seq: number): Promise<void> {
    const until = performance.now() + LIMIT_MS;
    await this.#connection(() => this.#last >= seq || performance.now() > until);
    expect(this.#wrong).toBeNull();
    expect(this.#last).toBe(seq);
  }

  /** One connection, until it is cut or has heard enough. */
  #connection(isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`${this.#url}ws?topics=all&since=${this.#last}`);
      const looking = setInterval(() => {
        if (isEnough() || this.#wrong !== null) socket.terminate();
      }, AGAIN_MS);
      socket.on('message', (data: Buffer) => this.#hear(data));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(looking);
        resolve();
      });
    });
  }

  #hear(data: Buffer): void {
    const { type, seq } = JSON.parse(data.toString('utf8')) as { type: string; seq: number };
    if (type === 'resync') this.#wrong ??= `told to resync at ${seq}, after ${this.#last}`;
    else if (seq <= this.#last) this.#wrong ??= `${type} ${seq} came after ${this.#last}`;
    this.#last = seq;
    this.heard += 1;
  }
}
