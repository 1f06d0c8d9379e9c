// Errors of the kernel's own, for a server that runs: strace makes system calls of a process fail.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Whether this process may look into others. */
export function canTrace(): boolean {
  try {
    execFileSync('strace', ['-e', 'trace=none', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // Not Linux, not installed, or a container that may not.
  }
}

/** From now on the kernel answers these system calls of a process with this error; the result ends that. */
export async function failing(pid: number, calls: string, error: string): Promise<() => Promise<void>> {
  const rules = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  const tracer = spawn('strace', ['-f', '-p', String(pid), '-o', '/dev/null', ...rules]);
  onTestFinished(() => void tracer.kill('SIGINT'));
  const exited = once(tracer, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.on('data', (data: Buffer) => {
      said += data.toString('utf8');
      if (said.includes('attached')) resolve();
    });
    void exited.then(() => reject(new Error(`strace ended: ${said}`)));
  });
  return async () => {
    tracer.kill('SIGINT');
    await exited;
  };
}
