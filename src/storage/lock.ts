// One server for one folder. What holds it is a listening socket: the kernel ends it with its process, so that it is
// known dead at once after `kill -9`, and across containers that share the folder, where a bare pid would lie.
// L1. The holder is the process behind the highest claim, `lock.{n}`. A claim is made as one more name for a socket
//     that listens already: one that does not answer is dead for good.
// L2. Claims only grow, and the highest stays, also after a stop, until a higher one stands. So whoever acts on an old
//     listing finds his number taken, or a higher one behind his own, and nobody ever removes a living claim.
// `lock` beside it is the text for people: who holds the folder.
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { MaestroError } from '../domain/errors.ts';
import { codeOf, FILE_MODE } from './write-atomic.ts';

/** A socket's path may have 107 bytes on Linux and 103 on macOS; our longest name in the folder takes 30. */
const LONGEST_FOLDER = 70;
const PROBE_MS = 1_000;
/** Each means that another starter was quicker; who is the last of so many gives up. */
const ATTEMPTS = 100;

interface Held {
  server: Server;
  sockets: SocketFolder;
}

export class FolderLock {
  readonly #folder: string;
  #held: Held | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws MaestroError CONFLICT when a living process holds the folder; it says which. */
  async take(): Promise<void> {
    if (process.platform === 'win32') return this.#takePipe();
    const sockets = socketFolder(this.#folder);
    const name = `lock.${process.pid}-${randomBytes(4).toString('hex')}`;
    let server: Server | null = null;
    try {
      server = await listen(sockets.address(name)).catch(lacks(this.#folder, 'sockets'));
      const claim = await this.#claim(sockets, name);
      for (const other of readdirSync(sockets.folder))
        if (other.startsWith('lock.') && other !== claim)
          rmSync(join(sockets.folder, other), { force: true });
    } catch (error) {
      await end({ server, sockets });
      throw error;
    }
    this.#hold({ server, sockets });
  }

  async release(): Promise<void> {
    const held = this.#held;
    if (!held) return;
    this.#held = null;
    // The folder may have been moved, and another server may hold what is there now.
    if (this.#written() === String(process.pid)) rmSync(join(this.#folder, 'lock'), { force: true });
    await end(held);
  }

  #hold(held: Held): void {
    this.#held = held;
    try {
      writeFileSync(join(this.#folder, 'lock'), `${process.pid}\n`, { mode: FILE_MODE });
    } catch {
      // A full disk. The socket tells who holds the folder, too.
    }
  }

  /** A pipe of Windows has one server, and its name goes with it. */
  async #takePipe(): Promise<void> {
    const pipe = `\\\\.\\pipe\\maestro-${hashOf(this.#folder)}`;
    try {
      const sockets = { folder: this.#folder, address: () => pipe, close: () => undefined };
      this.#hold({ server: await listen(pipe), sockets });
    } catch (error) {
      const pid = await holder(pipe);
      throw pid === null ? error : this.#refusal(pid);
    }
  }

  /** L1, L2. @returns the name of the claim. */
  async #claim(sockets: SocketFolder, name: string): Promise<string> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const highest = highestClaim(sockets.folder);
      const pid = await holder(sockets.address(`lock.${highest}`));
      if (pid !== null) throw this.#refusal(pid);
      const claim = `lock.${highest + 1}`;
      if (!this.#isLinked(join(sockets.folder, name), join(sockets.folder, claim))) continue;
      if (highestClaim(sockets.folder) === highest + 1) return claim;
      rmSync(join(sockets.folder, claim), { force: true });
    }
    throw this.#refusal('');
  }

  #isLinked(socket: string, claim: string): boolean {
    try {
      linkSync(socket, claim);
      return true;
    } catch (error) {
      // Claimed by another starter, or ours was cleared away by one that holds the folder already.
      if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
      return lacks(this.#folder, 'hard links')(error);
    }
  }

  #refusal(told: string): MaestroError {
    const pid = told || this.#written();
    return new MaestroError(
      'CONFLICT',
      `${this.#folder} is held by another server (pid ${pid}); stop it first`,
      { pid },
    );
  }

  #written(): string {
    try {
      return readFileSync(join(this.#folder, 'lock'), 'utf8').trim();
    } catch {
      return 'unknown'; // It took the folder a moment ago, or on a full disk, and has not written its name.
    }
  }
}

interface SocketFolder {
  folder: string;
  /** The path of a socket in it, short enough to be bound. */
  address: (name: string) => string;
  close: () => void;
}

function socketFolder(folder: string): SocketFolder {
  const isShort = Buffer.byteLength(folder) <= LONGEST_FOLDER;
  if (!isShort && process.platform === 'linux') {
    const open = openSync(folder, 'r');
    return { folder, address: (name) => `/proc/self/fd/${open}/${name}`, close: () => closeSync(open) };
  }
  // Not os.tmpdir(): the environment may differ from one start to the next.
  const place = isShort ? folder : join('/tmp', `maestro-${hashOf(folder)}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return { folder: place, address: (name) => join(place, name), close: () => undefined };
}

const hashOf = (folder: string): string =>
  createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 24);

const highestClaim = (folder: string): number =>
  Math.max(0, ...readdirSync(folder).map((name) => Number(/^lock\.(\d+)$/.exec(name)?.[1] ?? 0)));

/** What a system says of a file system that cannot do what was asked. */
const unsupported = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL']);

/** Says in which folder what is missing, where a bare system error names a file of ours that nobody knows. */
const lacks =
  (folder: string, what: string) =>
  (error: unknown): never => {
    if (!unsupported.has(codeOf(error))) throw error;
    throw new MaestroError(
      'CONFIG_ERROR',
      `DATA_DIR is "${folder}", whose file system has no ${what} (${codeOf(error)}): the server needs them to see to it ` +
        'that no second server writes there; choose a folder on a local disk of this machine',
      undefined,
      { cause: error },
    );
  };

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy()); // Who asked has left already.
      socket.end(`${process.pid}\n`, () => socket.destroy());
    });
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Node removes the socket's first name when it closes; the claim stays (L2). */
async function end({ server, sockets }: { server: Server | null; sockets: SocketFolder }): Promise<void> {
  if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  sockets.close();
}

/** The pid of the process that listens there, '' when it does not say; null when none does. */
function holder(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let pid = '';
    const finish = (found: string | null) => {
      socket.destroy();
      resolve(found);
    };
    socket.setEncoding('utf8').on('data', (text: string) => (pid += text));
    socket.setTimeout(PROBE_MS, () => finish('')); // A stopped process (SIGSTOP) holds the folder too.
    socket.once('end', () => finish(pid.trim()));
    // All else, such as a full backlog or a socket of another user, is a living one.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? null : ''),
    );
  });
}
