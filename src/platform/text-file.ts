// Text files that somebody else may have put in place: regular files up to a bound, and nothing else. What a link names
// is looked at like a file; a device, a pipe and a folder are refused before anything is read from them.
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A file that is there, but cannot be used. The message continues a sentence about the file: `is larger than 64 KiB`. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}

/** Windows has neither of the two. */
function flag(value: number | undefined): number {
  return value ?? 0;
}

/** With O_NONBLOCK, a pipe that has taken the place of a regular file since it was looked at holds up nothing. */
const openFlags = constants.O_RDONLY | flag(constants.O_NONBLOCK) | flag(constants.O_NOCTTY);
const chunkBytes = 64 * 1024;

/**
 * The text of a file, without its byte order mark; undefined when there is no such file.
 * @throws UnusableFile
 */
export async function readTextFile(path: string, mostBytes: number): Promise<string | undefined> {
  try {
    refuseUnusable(await stat(path), mostBytes);
    const file = await open(path, openFlags);
    try {
      refuseUnusable(await file.stat(), mostBytes);
      const content = new Content(mostBytes);
      while (content.add(await file.read(content.chunk, 0, chunkBytes, null))) continue;
      return content.text();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    missingOrUnusable(thrown);
    return;
  }
}

/** The same for those that cannot wait. */
export function readTextFileSync(path: string, mostBytes: number): string | undefined {
  try {
    refuseUnusable(statSync(path), mostBytes);
    const file = openSync(path, openFlags);
    try {
      refuseUnusable(fstatSync(file), mostBytes);
      const content = new Content(mostBytes);
      while (content.add({ bytesRead: readSync(file, content.chunk, 0, chunkBytes, null) })) continue;
      return content.text();
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    missingOrUnusable(thrown);
    return;
  }
}

/**
 * The same for a file that must be inside of its folder, wherever that folder itself is: a link that leads out of it is
 * not followed.
 * @throws UnusableFile
 */
export async function readTextFileInside(
  folder: string,
  name: string,
  mostBytes: number,
): Promise<string | undefined> {
  try {
    const path = await realpath(join(folder, name));
    const realFolder = await realpath(folder);
    if (!path.startsWith(realFolder.endsWith(sep) ? realFolder : realFolder + sep))
      throw new UnusableFile('is a link to a file outside of its folder');
    return await readTextFile(path, mostBytes);
  } catch (thrown) {
    missingOrUnusable(thrown);
    return;
  }
}

/** What has been read of one file. A file without a size (`/proc`) is bounded here, and one that grows meanwhile. */
class Content {
  readonly chunk = Buffer.allocUnsafe(chunkBytes);
  readonly #chunks: Buffer[] = [];
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** @returns whether there may be more */
  add({ bytesRead }: { bytesRead: number }): boolean {
    this.#bytes += bytesRead;
    if (this.#bytes > this.#mostBytes) throw tooLarge(this.#mostBytes);
    this.#chunks.push(Buffer.from(this.chunk.subarray(0, bytesRead)));
    return bytesRead > 0;
  }

  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#chunks));
  }
}

function refuseUnusable(found: Stats, mostBytes: number): void {
  if (!found.isFile()) throw new UnusableFile('is not a regular file');
  if (found.size > mostBytes) throw tooLarge(mostBytes);
}

const tooLarge = (mostBytes: number): UnusableFile =>
  new UnusableFile(
    `is larger than ${mostBytes >= 1024 * 1024 ? `${mostBytes / 1024 / 1024} MiB` : `${mostBytes / 1024} KiB`}`,
  );

function missingOrUnusable(thrown: unknown): undefined {
  if (thrown instanceof UnusableFile) throw thrown;
  const { code } = thrown as NodeJS.ErrnoException; // whatever was thrown may be asked for a code
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw new UnusableFile(`cannot be read (${code ?? String(thrown)})`, { cause: thrown });
}
