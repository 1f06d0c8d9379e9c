// The answers under way on one port. On one connection requests are answered one by one, as they came; and a client that
// does not read costs the others nothing: what is unsent has a bound over all connections, and a limit in time.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that a client may send on one connection before it has read the answer to the first. */
const AHEAD = 16;
/** Of answers that were not read; past it, without the one just given, the connections of the oldest are cut. */
const UNSENT_BYTES = 64 * 1024 * 1024;
/** How long an answer that was given may stay unread. */
export const UNREAD_MS = 30_000;

interface Asked {
  response: ServerResponse;
  answer: () => void;
}

/** An answer that was given and not read yet. */
interface Given {
  /** When it was first seen unread; 0 for not yet. */
  since: number;
  /** What was unsent of it when it was last looked at. */
  unsent: number;
}

export class Answers {
  readonly #open = new Set<ServerResponse>();
  /** In the order in which they were given. */
  readonly #given = new Map<ServerResponse, Given>();
  /** Of all that were given, each as it was last looked at: a request costs the same, however many there are. */
  #unsent = 0;
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
    this.#open.add(response);
    response.once('prefinish', () => this.#give(response));
    response.once('close', () => {
      this.#forget(response);
      line.shift();
      // Nobody is there any more to be answered.
      if (!socket.destroyed) line[0]?.answer();
    });
    if (line.length === 1) answer();
  }

  /** Cuts the connections of those who have not read for too long. To be called now and then. */
  cutUnread(now: number): void {
    for (const [response, given] of this.#given) {
      this.#look(response, given);
      if (given.since === 0) given.since = now;
      else if (now - given.since > UNREAD_MS) response.destroy();
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

  #give(response: ServerResponse): void {
    if (!this.#open.has(response)) return;
    const given = { since: 0, unsent: 0 };
    this.#given.set(response, given);
    this.#look(response, given);
    this.#cutOldest(given);
  }

  #look(response: ServerResponse, given: Given): void {
    const unsent = response.writableLength;
    this.#unsent += unsent - given.unsent;
    given.unsent = unsent;
  }

  #forget(response: ServerResponse): void {
    this.#unsent -= this.#given.get(response)?.unsent ?? 0;
    this.#given.delete(response);
    this.#open.delete(response);
    if (this.#open.size === 0) for (const resolve of this.#settled.splice(0)) resolve();
  }

  /** Each is looked at again before it is cut; those that are left have been looked at within the last second. */
  #cutOldest(newest: Given): void {
    for (const [response, given] of this.#given) {
      if (given === newest || this.#unsent <= UNSENT_BYTES) return;
      this.#look(response, given);
      if (this.#unsent <= UNSENT_BYTES) return;
      this.#forget(response);
      response.destroy();
    }
  }
}
