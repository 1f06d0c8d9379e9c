// How a terminal host starts what a spawn asks for, whatever it starts it in.
import { z } from 'zod';
import type { AgentEnd } from '../agent/launch.ts';

/** The data of `session:spawn`, which a claim answers too, as far as a host needs it. */
export const SpawnData = z.looseObject({
  session: z.looseObject({ id: z.string(), lastActivity: z.number() }),
  command: z.string().min(1),
  /** Empty: the host's own folder. */
  cwd: z.string().default(''),
  envVars: z.record(z.string(), z.string()).default({}),
});
export type SpawnData = z.infer<typeof SpawnData>;

export interface RunningAgent {
  /** Where a person finds it: a process, a window. */
  readonly place: string;
  /** The file that holds its output. */
  readonly log: string;
  readonly ended: Promise<AgentEnd>;
  /** Ends it and all that it started, at once and without a word to the server. */
  kill(): void;
}

export interface Runner {
  /** @throws CliError when it cannot be started, with a sentence that says why */
  start(spawn: SpawnData): Promise<RunningAgent>;
}
