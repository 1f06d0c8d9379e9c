// Runs a command as the leader of a process group of its own.
// G1. When a run is over, so is its whole group: SIGTERM first, SIGKILL for what is left after a grace.
// G2. It is over soon after the leader's exit, the time limit or the abort, whoever still holds its pipes.
// G3. Of its output only the end is kept; the rest is read and dropped, so that no command blocks on a full pipe.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** Of each pipe. */
const keptBytes = 512 * 1024;
/** How long a group has to go at SIGTERM; whoever holds the pipes from outside gets as long. */
const graceMs = 500;
/** SIGKILL works at once; what still answers is a zombie that no init has asked for, as in many containers. */
const deathMs = 200;
const pollMs = 10;

export interface RunOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal: AbortSignal;
}

export type RunEnd =
  | { how: 'exited'; code: number }
  | { how: 'killed'; by: NodeJS.Signals }
  | { how: 'timedOut' }
  | { how: 'notStarted'; error: NodeJS.ErrnoException };

/**
 * Runs a command to its end, whichever that is.
 * @returns how it ended, and the end of its stderr, or of its stdout when stderr stayed empty.
 * @throws `options.signal.reason` when it was aborted, but only after the group is gone.
 */
export async function runGroup(
  command: string,
  args: string[],
  { cwd, env, timeoutMs, signal }: RunOptions,
): Promise<RunEnd & { output: string }> {
  signal.throwIfAborted();
  // Not narrowed to a child with pipes: it has none when no file descriptor was left for them.
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ending = firstEnd(child, timeoutMs, signal);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stdout = endOf(child.stdout);
  const stderr = endOf(child.stderr);

  const end = await ending;
  if (child.pid !== undefined) await endGroup(child.pid);
  await settled(closed, graceMs);
  child.stdout?.destroy();
  child.stderr?.destroy();
  signal.throwIfAborted();
  return { ...end, output: stderr() || stdout() };
}

/** What comes first: an exit, a failed start, the limit, or the abort (told as `timedOut`; the caller asks the signal). */
function firstEnd(child: ChildProcess, timeoutMs: number, signal: AbortSignal): Promise<RunEnd> {
  return new Promise((resolve) => {
    const stop = () => end({ how: 'timedOut' });
    const timer = setTimeout(stop, timeoutMs);
    const end = (how: RunEnd) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(how);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (error) => end({ how: 'notStarted', error }));
    child.once('exit', (code, by) =>
      end(by === null ? { how: 'exited', code: code ?? -1 } : { how: 'killed', by }),
    );
  });
}

/** Ends whoever is left in the group; the leader may be long gone. */
async function endGroup(group: number): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', deathMs],
  ] as const) {
    if (!reaches(group, signal)) return;
    for (let waitedMs = 0; waitedMs < limitMs; waitedMs += pollMs) {
      await delay(pollMs);
      if (!reaches(group, 0)) return;
    }
  }
}

/** Whether a signal still finds someone in the group. */
function reaches(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    // ESRCH: the group is empty. EPERM: only zombies are left (macOS), or processes that are no longer ours to end.
    return false;
  }
}

/** Waits for an event that a process outside the group could hold up: one that holds the pipes from another group. */
function settled(event: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    void event.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Reads a pipe to its end; the answer tells the last of it as text. */
function endOf(pipe: Readable | null): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  pipe?.on('error', () => {
    // A pipe that breaks (EIO, or destroyed by us while a read was under way) ends what we hear, and nothing else.
  });
  pipe?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    while (bytes - (chunks[0]?.length ?? 0) >= keptBytes) bytes -= chunks.shift()?.length ?? 0;
  });
  return () => Buffer.concat(chunks).toString('utf8').trim();
}
