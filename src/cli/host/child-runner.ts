// Runs agents as children of the host, each the leader of a process group of its own, with its output in a file: they go
// on when the host ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { asError } from '../../domain/errors.ts';
import { childEnvironment } from '../agent/child-environment.ts';
import type { AgentEnd } from '../agent/launch.ts';
import { notStarted } from './launch.ts';
import { markOf } from './process-mark.ts';
import type { Runner } from './runner.ts';

export const childRunner: Runner = {
  async start({ words: [command, ...args], folder, variables, log }, begun) {
    const file = await open(log, 'a', 0o600).catch((cause: unknown) => {
      throw notStarted(`its log cannot be written: ${asError(cause).message}`);
    });
    try {
      const child = spawn(command, args, {
        cwd: folder,
        env: childEnvironment(variables),
        detached: true,
        stdio: ['ignore', file.fd, file.fd],
      });
      const ended = new Promise<AgentEnd>((settle) => {
        child.once('exit', (code, signal) =>
          settle(signal === null ? { how: 'exited', code: code ?? 1 } : { how: 'killed', signal }),
        );
      });
      const spawned = once(child, 'spawn');
      if (child.pid !== undefined) begun({ process: markOf(child.pid), ended });
      await spawned.catch((cause: unknown) => {
        throw notStarted(`${command}: ${asError(cause).message}`);
      });
      child.unref();
    } finally {
      await file.close();
    }
  },
};
