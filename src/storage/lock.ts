// One server for one folder. The lock is a listening socket: the kernel ends it with its process, so that it is known
// dead at once after `kill -9`, and across containers that share the folder, where a bare pid would lie.
// `lock` beside it is the text for people: who holds the folder.
import { createHash } from 'node:crypto';
import { renameSync, rmSync, writeFileSync, readFileSync, linkSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asError, MaestroError } from '../domain/errors.ts';
import { FILE_MODE } from './write-atomic.ts';

/** A socket's path may have 107 bytes on Linux and 103 on macOS. */
const LONGEST_SOCKET_PATH = 100;
const PROBE_MS = 1_000;

export class FolderLock {
  readonly #folder: string;
  readonly #socketPath: string;
  #server: Server | null = null;

  constructor(folder: string) {
    this.#folder = folder;
    this.#socketPath = socketPathFor(folder);
  }

  /** @throws MaestroError CONFLICT when a living process holds the folder; it says which. */
  async take(): Promise<void> {
    this.#server = (await listen(this.#socketPath)) ?? (await this.#takeOver());
    writeFileSync(join(this.#folder, 'lock'), `${process.pid}\n`, { mode: FILE_MODE });
  }

  async release(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    rmSync(join(this.#folder, 'lock'), { force: true });
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** The socket file is there: its process lives and we stop, or it is dead and its file is moved out of the way. */
  async #takeOver(): Promise<Server> {
    if (await answers(this.#socketPath)) throw this.#held();
    // Moving is atomic: of two that find a dead socket at once, one moves it. Whoever moved a living one (the other
    // was quicker and listens already) puts it back and stops.
    const aside = `${this.#socketPath}.${process.pid}`;
    try {
      renameSync(this.#socketPath, aside);
    } catch {
      // Gone since: the other one moved it. listen() decides.
    }
    if (await answers(aside)) {
      try {
        linkSync(aside, this.#socketPath);
      } catch {
        // A third one listens there by now: the folder is held either way.
      }
      rmSync(aside, { force: true });
      throw this.#held();
    }
    rmSync(aside, { force: true });
    const server = await listen(this.#socketPath);
    if (!server) throw this.#held();
    return server;
  }

  #held(): MaestroError {
    const pid = holder(this.#folder);
    return new MaestroError(
      'CONFLICT',
      `${this.#folder} is held by another server (pid ${pid}); stop it first`,
      { pid },
    );
  }
}

function socketPathFor(folder: string): string {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\maestro-${hash}`;
  const path = join(folder, 'lock.socket');
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH ? path : join(tmpdir(), `maestro-${hash}.socket`);
}

function holder(folder: string): string {
  try {
    return readFileSync(join(folder, 'lock'), 'utf8').trim();
  } catch {
    return 'unknown'; // It took the socket a moment ago and has not written its name yet.
  }
}

/** A listening server, or null when the path is taken. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(asError(error));
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Whether a process listens there. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(PROBE_MS, () => end(true)); // A stopped process (SIGSTOP) holds the folder too.
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
