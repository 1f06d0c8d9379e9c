// The answers under way on one port. On one connection requests are answered one by one, as they came; and a client that
// does not read costs the others nothing: what is unsent has a bound over all connections, and a limit in time.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that a client may send on one connection before it has read the answer to the first. */
const AHEAD = 16;
/** Of answers that were not read; past it the connections of the oldest are cut. */
const UNSENT_BYTES = 64 * 1024 * 1024;
/** How long an answer that was given may stay unread. */
const UNREAD_MS = 30_000;

interface Asked {
  response: ServerResponse;
  answer: () => void;
}

export class Answers {
  /** In the order of their requests, and since when each was seen given and unread; 0 for not yet. */
  readonly #open = new Map<ServerResponse, number>();
  /** The first of a line is being answered. */
  readonly #lines = new WeakMap<Socket, Asked[]>();
  readonly #settled: (() => void)[] = [];

  /** Calls `answer` when those before it on the same connection have been read. Who asks too much ahead is cut. */
  take(response: ServerResponse, socket: Socket, answer: () => void): void {
    const line = this.#lineOf(socket);
    if (line.length >= AHEAD) {
      socket.destroy();
      return;
    }
    line.push({ response, answer });
    this.#open.set(response, 0);
    response.once('close', () => {
      this.#forget(response);
      line.shift();
      // Nobody is there any more to be answered.
      if (!socket.destroyed) line[0]?.answer();
    });
    this.#cutOldest();
    if (line.length === 1) answer();
  }

  /** Cuts the connections of those who have not read for too long. To be called now and then. */
  cutUnread(now: number): void {
    for (const [response, since] of this.#open) {
      if (!response.writableEnded) continue;
      if (since === 0) this.#open.set(response, now);
      else if (now - since > UNREAD_MS) response.destroy();
    }
  }

  /** Resolves when all are given and read. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#settled.push(resolve);
    });
  }

  #lineOf(socket: Socket): Asked[] {
    const present = this.#lines.get(socket);
    if (present) return present;
    const line: Asked[] = [];
    this.#lines.set(socket, line);
    // Of those that wait for their turn Node tells nothing when the connection ends.
    socket.once('close', () => line.splice(0).forEach(({ response }) => this.#forget(response)));
    return line;
  }

  #forget(response: ServerResponse): void {
    this.#open.delete(response);
    if (this.#open.size === 0) for (const resolve of this.#settled.splice(0)) resolve();
  }

  #cutOldest(): void {
    let unsent = 0;
    for (const response of this.#open.keys()) unsent += response.writableLength;
    for (const response of this.#open.keys()) {
      if (unsent <= UNSENT_BYTES) return;
      if (!response.writableEnded) continue;
      unsent -= response.writableLength;
      response.destroy();
    }
  }
}
