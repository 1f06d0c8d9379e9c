// A disk of a few megabytes that can really be full.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface SmallDisk {
  folder: string;
  /** Takes all room but about this much. */
  fill(leftBytes: number): void;
  /** Gives the room back. */
  free(): void;
}

/** Whether this process may mount a disk of its own. */
export function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'maestro-mount-'));
  try {
    mount(place, 1);
    execFileSync('/bin/umount', [place], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // Not Linux, not root, or a container that may not.
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function mount(place: string, megabytes: number): void {
  const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'maestro-small-disk', place];
  execFileSync('/bin/mount', options, { stdio: 'ignore' });
}

/** Must be asked for before storages are opened on it: what is asked for last is ended first. */
export function smallDisk(megabytes: number): SmallDisk {
  const place = mkdtempSync(join(tmpdir(), 'maestro-disk-'));
  mount(place, megabytes);
  onTestFinished(() => {
    execFileSync('/bin/umount', ['-l', place]);
    rmSync(place, { recursive: true });
  });
  const folder = join(place, 'data');
  mkdirSync(folder, { mode: 0o700 });
  const filler = join(place, 'filler');
  return {
    folder,
    fill: (leftBytes) => {
      writeFileSync(join(place, 'left'), Buffer.alloc(leftBytes));
      fillUp(filler);
      rmSync(join(place, 'left'));
    },
    free: () => rmSync(filler, { force: true }),
  };
}

function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    const page = Buffer.alloc(4_096);
    for (;;) if (writeSync(file, page) < page.length) return;
  } catch {
    // ENOSPC: that is what was wanted.
  } finally {
    closeSync(file);
  }
}

/** Every file of the contract as it stands; throws when one is torn. */
export function readEveryFile(folder: string): Map<string, unknown> {
  const files = new Map<string, unknown>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.json')) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    try {
      files.set(name, JSON.parse(text));
    } catch (error) {
      throw new Error(`${name} is torn after ${text.length} characters`, { cause: error });
    }
  }
  return files;
}
