// Records what this process does to the files below a folder, operation by operation, while the real calls go on. What
// was written stays pending in the record until its own sync has returned: that is all a disk promises.
import fs from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, resolve, sep } from 'node:path';

/** A file's content, whatever its name is at the moment. */
export type Inode = number;

/** What a power cut may undo until the sync that covers it, and what tests note on the way. */
export type Operation =
  | { op: 'write'; inode: Inode; at: number; bytes: Buffer }
  | { op: 'truncate'; inode: Inode; length: number }
  /** Makes durable all that was done to the content before operation `since`. */
  | { op: 'sync'; inode: Inode; since: number }
  | { op: 'link'; path: string; inode: Inode }
  | { op: 'unlink'; path: string }
  | { op: 'rename'; from: string; to: string; inode: Inode }
  | { op: 'mkdir'; path: string }
  /** Makes durable the names that were made or removed in a folder before operation `since`. */
  | { op: 'syncFolder'; path: string; since: number }
  | { op: 'note'; note: unknown };

/** What the disk does next: it fails a sync, or takes half of a write and then no more. */
export type Fault = 'failedSync' | 'shortWrite';

type AnyFunction = (...args: any[]) => any;

export class Recorder {
  readonly operations: Operation[] = [];
  readonly #root: string;
  readonly #inodes = new Map<string, Inode>();
  readonly #open = new Map<number, { inode: Inode } | { folder: string }>();
  readonly #undo: (() => void)[] = [];
  #nextInode = 1;
  #fault: Fault | 'full' | null = null;

  /** @param root absolute; locks in it are left out, since they say nothing of data */
  constructor(root: string) {
    this.#root = root;
  }

  /** Something that became true between two operations. */
  note(note: unknown): void {
    this.operations.push({ op: 'note', note });
  }

  /** The journal's next operation that this can happen to fails; those after it are well again. */
  fault(fault: Fault): void {
    this.#fault = fault;
  }

  start(): void {
    const r = this.#record;
    this.#wrap(fs, 'openSync', (real) => (path, flags, ...rest) => {
      const fd = real(path, flags, ...rest);
      this.#opened(fd, path, flags);
      return fd;
    });
    this.#wrap(fs, 'open', (real) => (path, flags, ...rest) => {
      const callback = rest.pop() as AnyFunction;
      real(path, flags, ...rest, (error: unknown, fd: number) => {
        if (!error) this.#opened(fd, path, flags);
        callback(error, fd);
      });
    });
    for (const name of ['closeSync', 'close'])
      this.#wrap(fs, name, (real) => (fd, ...rest) => {
        this.#open.delete(fd);
        return real(fd, ...rest);
      });
    // write-file-atomic writes nothing but an empty text by itself: its content comes through the hook below.
    this.#wrap(fs, 'fsyncSync', (real) => (fd) => {
      const done = this.#syncing(fd);
      real(fd);
      done();
    });
    this.#wrap(fs, 'fsync', (real) => (fd, callback: AnyFunction) => {
      const done = this.#syncing(fd);
      real(fd, (error: unknown) => {
        if (!error) done();
        callback(error);
      });
    });
    this.#wrap(fs, 'renameSync', (real) => (from, to) => {
      real(from, to);
      this.#renamed(from, to);
    });
    this.#wrap(fs, 'rename', (real) => (from, to, callback: AnyFunction) => {
      this.#renamed(from, to);
      real(from, to, callback);
    });
    // One that fails, as into a folder that is not made yet, has renamed nothing.
    this.#wrap(promises, 'rename', (real) => async (from, to) => {
      await real(from, to);
      this.#renamed(from, to);
    });
    for (const name of ['unlinkSync', 'rmSync', 'unlink'])
      this.#wrap(fs, name, (real) => (path, ...rest) => {
        this.#unlinked(path);
        return real(path, ...rest);
      });
    this.#wrap(fs, 'mkdirSync', (real) => (path, ...rest) => {
      const isNew = !fs.existsSync(path);
      const made = real(path, ...rest);
      if (isNew && this.#isOurs(path)) r({ op: 'mkdir', path: resolve(path) });
      return made;
    });
    this.#wrap(promises, 'mkdir', (real) => async (path, ...rest) => {
      const isNew = !fs.existsSync(path);
      const made = await real(path, ...rest);
      if (isNew && this.#isOurs(path)) r({ op: 'mkdir', path: resolve(path) });
      return made;
    });
    this.#wrap(fs, 'writeFileSync', (real) => (path, text, ...rest) => {
      this.#replaced(path, text);
      return real(path, text, ...rest);
    });
    this.#wrap(promises, 'writeFile', (real) => (path, text, ...rest) => {
      this.#replaced(path, text);
      return real(path, text, ...rest);
    });
    this.#wrap(promises, 'rm', (real) => (path, ...rest) => {
      this.#unlinked(path);
      return real(path, ...rest);
    });
    this.#wrap(promises, 'open', (real) => async (path, flags, ...rest) => {
      const handle = (await real(path, flags, ...rest)) as FileHandle;
      this.#opened(handle.fd, path, flags);
      this.#watch(handle, typeof path === 'string' && basename(dirname(path)) === 'journal');
      return handle;
    });
    syncBuiltinESMExports();
  }

  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
    syncBuiltinESMExports();
  }

  #record = (operation: Operation): void => {
    this.operations.push(operation);
  };

  #wrap(target: object, name: string, make: (real: AnyFunction) => AnyFunction): void {
    const methods = target as Record<string, AnyFunction>;
    const real = methods[name];
    if (!real) throw new Error(`there is no ${name}`);
    methods[name] = make(real.bind(target));
    this.#undo.push(() => (methods[name] = real));
  }

  #watch(handle: FileHandle, mayFail: boolean): void {
    const methods = handle as unknown as Record<string, AnyFunction>;
    const { fd } = handle;
    const replace = (name: string, make: (real: AnyFunction) => AnyFunction) => {
      methods[name] = make((methods[name] as AnyFunction).bind(handle));
    };
    replace('write', (real) => (bytes: Buffer, offset: number, length: number, position: number) => {
      const inode = this.#inodeOf(fd);
      if (inode === undefined) return real(bytes, offset, length, position);
      // The journal's zeros ahead of its lines: when they find no room, the line is still tried.
      const isAhead = bytes[offset] === 0 || !mayFail;
      if (this.#fault === 'full' && !isAhead) {
        this.#fault = null;
        return Promise.reject(failure('ENOSPC'));
      }
      const isShort = this.#fault === 'shortWrite' && !isAhead;
      if (isShort) this.#fault = 'full';
      const taken = isShort ? length >> 1 : length;
      const copy = Buffer.from(bytes.subarray(offset, offset + taken));
      this.#record({ op: 'write', inode, at: position, bytes: copy });
      return real(bytes, offset, taken, position);
    });
    replace('truncate', (real) => (length: number) => {
      const inode = this.#inodeOf(fd);
      if (inode !== undefined) this.#record({ op: 'truncate', inode, length });
      return real(length);
    });
    for (const name of ['sync', 'datasync'])
      replace(name, (real) => async () => {
        if (this.#fault === 'failedSync' && mayFail) {
          this.#fault = null;
          throw failure('EIO');
        }
        const done = this.#syncing(fd);
        await real();
        done();
      });
    replace('close', (real) => () => {
      this.#open.delete(fd);
      return real();
    });
  }

  #isOurs(path: unknown): path is string {
    return (
      typeof path === 'string' &&
      resolve(path).startsWith(this.#root + sep) &&
      !basename(path).startsWith('lock')
    );
  }

  #opened(fd: number, given: unknown, flags: unknown): void {
    if (typeof given === 'string' && (given === this.#root || resolve(given) === this.#root)) {
      this.#open.set(fd, { folder: this.#root });
      return;
    }
    if (!this.#isOurs(given)) return;
    const path = resolve(given);
    if (fs.fstatSync(fd).isDirectory()) {
      this.#open.set(fd, { folder: path });
      return;
    }
    const known = this.#inodes.get(path);
    const inode = known ?? this.#newInode(path);
    if (known !== undefined && flags === 'w') this.#record({ op: 'truncate', inode, length: 0 });
    this.#open.set(fd, { inode });
  }

  #newInode(path: string): Inode {
    const inode = this.#nextInode++;
    this.#inodes.set(path, inode);
    this.#record({ op: 'link', path, inode });
    return inode;
  }

  #inodeOf(fd: number): Inode | undefined {
    const open = this.#open.get(fd);
    return open && 'inode' in open ? open.inode : undefined;
  }

  /** Begins a sync; the result is called when it has returned. */
  #syncing(fd: number): () => void {
    const open = this.#open.get(fd);
    const since = this.operations.length;
    return () => {
      if (open === undefined) return;
      if ('inode' in open) this.#record({ op: 'sync', inode: open.inode, since });
      else this.#record({ op: 'syncFolder', path: open.folder, since });
    };
  }

  #renamed(from: string, to: string): void {
    if (!this.#isOurs(from)) return;
    const inode = this.#inodes.get(resolve(from));
    if (inode === undefined) throw new Error(`${from} was renamed, but never seen`);
    this.#inodes.delete(resolve(from));
    this.#inodes.set(resolve(to), inode);
    this.#record({ op: 'rename', from: resolve(from), to: resolve(to), inode });
  }

  #unlinked(path: unknown): void {
    if (!this.#isOurs(path) || !this.#inodes.delete(resolve(path))) return;
    this.#record({ op: 'unlink', path: resolve(path) });
  }

  #replaced(path: unknown, text: string): void {
    if (!this.#isOurs(path)) return;
    const known = this.#inodes.get(resolve(path));
    const inode = known ?? this.#newInode(resolve(path));
    if (known !== undefined) this.#record({ op: 'truncate', inode, length: 0 });
    this.#record({ op: 'write', inode, at: 0, bytes: Buffer.from(text) });
  }
}

const failure = (code: string): Error => Object.assign(new Error(`${code}, as the test wants it`), { code });
