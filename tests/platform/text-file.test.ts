import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTextFile, readTextFileInside, readTextFileSync } from '../../src/platform/text-file.ts';
import { temporaryFolder } from '../support/folder.ts';

const most = 64 * 1024;

/** Both readers, which must say the same. */
async function read(path: string, mostBytes = most): Promise<string | undefined> {
  const outcome = await readTextFile(path, mostBytes).catch((thrown: unknown) => thrown);
  let other: unknown;
  try {
    other = readTextFileSync(path, mostBytes);
  } catch (thrown) {
    other = thrown;
  }
  expect(other).toEqual(outcome);
  if (outcome instanceof Error) throw outcome;
  return outcome as string | undefined;
}

describe('a text file that anybody may have put in place', () => {
  it('is read, also through a link, up to the last byte that is allowed', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'full'), 'ä'.repeat(most / 2));
    symlinkSync('full', join(folder, 'link'));
    expect(await read(join(folder, 'full'))).toBe('ä'.repeat(most / 2));
    expect(await read(join(folder, 'link'))).toHaveLength(most / 2);
    writeFileSync(join(folder, 'full'), 'x'.repeat(most + 1));
    await expect(read(join(folder, 'full'))).rejects.toThrow('is larger than 64 KiB');
  });

  it('is read without its byte order mark', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '\uFEFF{}');
    expect(await read(path)).toBe('{}');
  });

  it('is none where there is nothing, a link to nothing, or a file in place of a folder', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    symlinkSync('nowhere', join(folder, 'link'));
    for (const name of ['nothing', 'link', 'file/below'])
      expect(await read(join(folder, name)), name).toBeUndefined();
  });

  it('is refused when it is a device, a pipe, a folder, or a link to one of these', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/dev/zero', join(folder, 'zeros'));
    symlinkSync('pipe', join(folder, 'link'));
    for (const name of ['folder', 'pipe', 'zeros', 'link'])
      await expect(read(join(folder, name)), name).rejects.toThrow('is not a regular file');
    symlinkSync('circle', join(folder, 'circle'));
    await expect(read(join(folder, 'circle'))).rejects.toThrow('cannot be read (ELOOP)');
  });

  it('is refused by its size before it is read, and by what is read where it has no size', async () => {
    const path = join(temporaryFolder(), 'gigabytes');
    writeFileSync(path, '');
    truncateSync(path, 4 * 1024 ** 3);
    await expect(read(path)).rejects.toThrow('is larger than 64 KiB');
    await expect(read('/proc/self/smaps', 16)).rejects.toThrow('is larger than');
  });
});

describe('a file that must be inside of its folder', () => {
  it('is read where the folder is itself a link, and links stay inside of it', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'real', 'below'), { recursive: true });
    writeFileSync(join(folder, 'real', 'below', 'file'), 'text');
    symlinkSync('below/file', join(folder, 'real', 'link'));
    symlinkSync('real', join(folder, 'linked'));
    expect(await readTextFileInside(join(folder, 'linked'), 'link', most)).toBe('text');
    expect(await readTextFileInside(join(folder, 'linked'), 'nothing', most)).toBeUndefined();
  });

  it('is refused where a link leads out, also to a folder whose name begins alike', async () => {
    const folder = temporaryFolder();
    for (const name of ['skill', 'skill-of-another']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'skill-of-another', 'file'), 'secret');
    symlinkSync('../skill-of-another/file', join(folder, 'skill', 'file'));
    await expect(readTextFileInside(join(folder, 'skill'), 'file', most)).rejects.toThrow(
      'is a link to a file outside of its folder',
    );
  });
});
