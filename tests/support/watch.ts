// A WebSocket client that remembers what it heard, and waits for what a test wants to hear.
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { checkMessage } from './documented.ts';

export interface Heard {
  type: string;
  event: string;
  data: any;
  timestamp: number;
  seq: number;
}

const LIMIT_MS = 10_000;

export class Watch {
  readonly #raw: Heard[] = [];
  readonly #keeps: (heard: Heard) => boolean;
  readonly socket: WebSocket;
  /** Set when the connection has closed. */
  closeCode: number | null = null;
  readonly #wake = new Set<() => void>();

  private constructor(socket: WebSocket, keeps: (heard: Heard) => boolean) {
    this.socket = socket;
    this.#keeps = keeps;
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as Heard;
      checkMessage(message);
      this.#raw.push(message);
      for (const wake of this.#wake) wake();
    });
    socket.on('close', (code) => {
      this.closeCode = code;
      for (const wake of this.#wake) wake();
    });
    socket.on('error', () => undefined);
  }

  /**
   * @param query e.g. `?topics=queue&since=4`.
   * @param keeps what is remembered of what is heard
   */
  static async open(url: string, query = '', keeps: (heard: Heard) => boolean = () => true): Promise<Watch> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws${query}`);
    const watch = new Watch(socket, keeps);
    onTestFinished(() => socket.terminate());
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return watch;
  }

  /** Asked anew each time: a fact may come before the answer that tells whose it is. */
  get heard(): Heard[] {
    return this.#raw.filter(this.#keeps);
  }

  get types(): string[] {
    return this.heard.map(({ type }) => type);
  }

  /** Waits until `holds` is true of what was heard; fails with what was heard after ten seconds. */
  async until(holds: (watch: this) => boolean): Promise<void> {
    const limit = Date.now() + LIMIT_MS;
    while (!holds(this)) {
      if (Date.now() > limit)
        throw new Error(`not heard within ${LIMIT_MS} ms; heard: ${this.types.join(', ')}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#wake.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 200);
        this.#wake.add(wake);
      });
    }
  }

  /** Waits for a fact of this type (and whatever else `where` says), and returns it. */
  async fact(type: string, where: (heard: Heard) => boolean = () => true): Promise<Heard> {
    const find = (): Heard | undefined => this.heard.find((heard) => heard.type === type && where(heard));
    await this.until(() => find() !== undefined);
    const found = find();
    if (!found) throw new Error('unreachable: until() saw it');
    return found;
  }
}
