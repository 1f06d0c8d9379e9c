// Processes of their own that use the built storage; each line that they print is one JSON value.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { until } from './place.ts';

const built = new URL('../../build/storage/file-storage.js', import.meta.url);

export interface Running {
  child: ChildProcess;
  pid: number;
  /** What it printed so far. */
  said: Record<string, unknown>[];
  /** Resolves with what it printed to its error stream, when it has ended and all of its output is read. */
  ended: Promise<string>;
  hasEnded: () => boolean;
}

/** Starts `tests/storage/{script}`; it is killed when the test ends, if it still runs. */
export function run(script: string, ...args: string[]): Running {
  if (!existsSync(built)) throw new Error('dist is missing: npm run build comes first');
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: Record<string, unknown>[] = [];
  let [rest, errors, ended] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    said.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      ended = true;
      resolve(errors);
    });
  });
  onTestFinished(async () => {
    if (!ended) child.kill('SIGKILL');
    await closed;
  });
  return { child, pid: child.pid ?? 0, said, ended: closed, hasEnded: () => ended };
}

/** The first thing that a process says under this name. */
export async function saying(running: Running, name: string): Promise<unknown> {
  const said = () => running.said.find((each) => name in each);
  await until(`the process says "${name}"`, () => said() !== undefined || running.hasEnded(), 10_000);
  const value = said();
  if (!value) throw new Error(`it ended without saying "${name}": ${await running.ended}`);
  return value[name];
}
