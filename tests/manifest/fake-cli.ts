// Small CLIs for the generator to run: real files, real processes.
import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createCliGenerator, type CliGeneratorOptions } from '../../src/manifest/cli-generator.ts';

export const generatorFor = (cliPath: string, folder: string, options: Partial<CliGeneratorOptions> = {}) =>
  createCliGenerator({
    cliPath,
    dataDir: join(folder, 'data'),
    sessionDir: folder,
    serverUrl: 'http://localhost:3000',
    timeoutMs: 15_000,
    concurrency: 4,
    environment: process.env,
    ...options,
  });

/** A script for Node. It finds `flag(name)`, `fs`, a manifest to write, and `write(manifest)`. */
export async function nodeCli(folder: string, body: string): Promise<string> {
  const path = join(folder, 'fake-maestro.mjs');
  await writeFile(path, `${preamble}\n${body}\n`);
  return path;
}

const preamble = `
import fs from 'node:fs';
const flag = (name) => process.argv[process.argv.indexOf(name) + 1];
const manifest = { manifestVersion: '1.0', role: flag('--role'), tasks: [{ id: 'task_1' }] };
const write = (content) => fs.writeFileSync(flag('--output'), JSON.stringify(content));
`;

/** A shell script: it starts at once, however busy the machine is. It runs in the session's folder. */
export async function shellCli(folder: string, body: string): Promise<string> {
  const path = join(folder, 'fake-maestro');
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Ignores SIGTERM, as does its child, which holds stdout and stderr open; both pids go into the file \`pids\`. */
export const stubborn = `
trap '' TERM
sleep 600 &
echo $$ $! > pids.part
mv pids.part pids
wait
`;

/** The pids in a file of such a CLI; they are ended after the test, should it fail. */
export function pidsIn(path: string): number[] {
  const pids = readFileSync(path, 'utf8').trim().split(' ').map(Number);
  onTestFinished(() => {
    for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
  });
  return pids;
}

/** A process that has ended, but that nobody has asked for its exit code yet, is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    // No such process; or, on a system without /proc, one that answered the signal.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}
