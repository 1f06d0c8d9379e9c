// Which process a process id means: ids are used again, so the time of its birth goes with it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const ProcessMark = z.object({
  pid: z.number().int().positive(),
  /** When it began, in the words of the system; another process of that id has another. Empty: not known. */
  born: z.string(),
});
export type ProcessMark = z.infer<typeof ProcessMark>;

export const markOf = (pid: number): ProcessMark => ({ pid, born: birthOf(pid) ?? '' });

/** Whether that very process still runs. One whose birth is not known counts as gone: its id may be anybody's. */
export const isRunning = ({ pid, born }: ProcessMark): boolean => born !== '' && birthOf(pid) === born;

/** Ends it with all of its group, at once. Nothing happens to another process that has its id now. */
export function killGroup(mark: ProcessMark): void {
  if (!isRunning(mark)) return;
  try {
    process.kill(-mark.pid, 'SIGKILL');
  } catch {
    // ESRCH: it ended in the meantime. EPERM: only zombies are left.
  }
}

/** Undefined when there is no such process, or only its exit code is left of it. */
function birthOf(pid: number): string | undefined {
  return process.platform === 'linux' ? birthInProc(pid) : birthFromPs(pid);
}

function birthInProc(pid: number): string | undefined {
  try {
    // `pid (name) state …`: the name may hold anything, and the time of birth is the 22nd field (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state = '', ticks] = [fields[0], fields[19]];
    if (ticks === undefined || 'ZX'.includes(state)) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    // ENOENT, ESRCH: it is gone.
    return undefined;
  }
}

function birthFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() || undefined;
}
