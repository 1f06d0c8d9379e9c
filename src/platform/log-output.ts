// Where the log goes: a terminal, a pipe, a file. A destination that cannot be written ends nobody and slows nobody: lines
// wait while it is full, are lost beyond a bound, and a line says how many once it can be written again.
import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** Of lines that wait for a destination that takes none at present. */
const WAITING_BYTES = 1024 * 1024;
/** How often a destination that takes none at present is tried again. */
const RETRY_MS = 100;

export interface LogOutputOptions {
  /** A path, whose file is made or appended to, or the number of an open descriptor. */
  destination: string | number;
  /** The line that tells of lost ones, with its line break. */
  lostLine: (lines: number, reason: string) => string;
}

/** Writes synchronously: what was logged before a crash is there. */
export class LogOutput {
  readonly #fd: number;
  readonly #lostLine: LogOutputOptions['lostLine'];
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lost = 0;
  #reason = '';
  #retry: NodeJS.Timeout | null = null;

  /** @throws Error when the file cannot be opened. */
  constructor({ destination, lostLine }: LogOutputOptions) {
    this.#fd = typeof destination === 'string' ? openSync(destination, 'a') : nonBlocking(destination);
    this.#lostLine = lostLine;
  }

  /** Never throws. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waiting.length === 0) this.#sayLost();
    if (this.#waitingBytes + bytes.length > WAITING_BYTES) {
      this.#lose(1, 'the reader is too slow');
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    // While the retry is due, the lines before this one wait too.
    if (!this.#retry) this.#drain();
  }

  #drain(): void {
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      const written = this.#writeSome(next);
      if (written === null) return;
      this.#waitingBytes -= written;
      if (written === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(written);
    }
    this.#sayLost();
  }

  /** @returns the bytes written; null when nothing can be written at present. */
  #writeSome(bytes: Buffer): number | null {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') {
        this.#retry = setTimeout(() => {
          this.#retry = null;
          this.#drain();
        }, RETRY_MS).unref();
        return null;
      }
      this.#lose(this.#waiting.length, code ?? String(error));
      this.#waiting = [];
      this.#waitingBytes = 0;
      return null;
    }
  }

  #lose(lines: number, reason: string): void {
    this.#lost += lines;
    this.#reason = reason;
  }

  /** Behind the lines that waited, which are older; again later when it cannot be written either. */
  #sayLost(): void {
    if (this.#lost === 0) return;
    try {
      writeSync(this.#fd, this.#lostLine(this.#lost, this.#reason));
      this.#lost = 0;
    } catch {
      // The next line tries again.
    }
  }
}

/**
 * A pipe or a terminal opened anew, as one that never blocks: a reader that has stopped would otherwise stop the server.
 * To set the flag on the descriptor itself would change it for every process that shares it. Where the system does not
 * let a descriptor be opened anew, the descriptor itself.
 */
function nonBlocking(fd: number): number {
  const opened = reopened.get(fd) ?? openAnew(fd);
  reopened.set(fd, opened);
  return opened;
}

/** One for all logs of the process: they are never closed. */
const reopened = new Map<number, number>();

function openAnew(fd: number): number {
  try {
    const stats = fstatSync(fd);
    if (process.platform !== 'linux' || !(stats.isFIFO() || stats.isCharacterDevice())) return fd;
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return fd;
  }
}
