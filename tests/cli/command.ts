// The built `maestro` command as a process of its own, in surroundings of the test's own.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { ownCli } from '../../src/platform/package.ts';
import { temporaryFolder } from '../support/folder.ts';

export interface Run {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  /** What --json printed. */
  json: any;
}

export interface Commands {
  /** HOME; also holds the current folder `work`. */
  folder: string;
  /** Runs it to its end. */
  run: (args: string[], more?: Record<string, string>) => Promise<Run>;
  /** The `data` of a run that must go well. */
  data: (args: string[], more?: Record<string, string>) => Promise<any>;
  /** Starts it and lets it run; it ends with the test. */
  start: (args: string[], more?: Record<string, string>) => Running;
}

export interface Running {
  pid: number;
  output: () => string;
  signal: (name: NodeJS.Signals) => void;
  ended: Promise<Run>;
}

/** @param environment set in every run; nothing but PATH and HOME comes from outside */
export function commands(environment: Record<string, string> = {}, folder = temporaryFolder()): Commands {
  const cwd = join(folder, 'work');
  mkdirSync(cwd, { recursive: true });
  const launch = (args: string[], more: Record<string, string> = {}) =>
    execa(process.execPath, [ownCli, ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...environment, ...more },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: 60_000,
    });
  const run = async (args: string[], more?: Record<string, string>): Promise<Run> =>
    runOf(await launch(args, more));

  return {
    folder,
    run,
    async data(args, more) {
      const { json, stderr } = await run([...args, '--json'], more);
      if (json?.success !== true)
        throw new Error(`maestro ${args.join(' ')}: ${JSON.stringify(json)} ${stderr}`);
      return json.data;
    },
    start(args, more) {
      const child = launch(args, more);
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      const ended = child.then(runOf);
      onTestFinished(async () => {
        child.kill('SIGKILL');
        await ended;
      });
      return { pid: child.pid ?? 0, output: () => output, signal: (name) => child.kill(name), ended };
    },
  };
}

function runOf({ exitCode, stdout, stderr }: { exitCode?: number; stdout: string; stderr: string }): Run {
  return { exitCode, stdout, stderr, json: parsed(stdout) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Waits until `look` finds something; fails with what `told` says after a limit. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  told: () => string = () => '',
  limitMs = 15_000,
): Promise<T> {
  const until = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`not seen within ${limitMs} ms: ${told()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
