// How a terminal host starts what a spawn asks for, whatever it starts it in.
import { z } from 'zod';
import type { SeenEnd } from '../agent/end-report.ts';
import type { ProcessMark } from './process-mark.ts';

/** The data of `session:spawn`, which a claim answers too, as far as a host needs it. */
export const SpawnData = z.looseObject({
  session: z.looseObject({ id: z.string(), lastActivity: z.number() }),
  command: z.string().min(1),
  /** Empty: the host's own folder. */
  cwd: z.string().default(''),
  envVars: z.record(z.string(), z.string()).default({}),
});
export type SpawnData = z.infer<typeof SpawnData>;

/** What is started: all of it checked, and ready to be. */
export interface Launch {
  sessionId: string;
  words: readonly [command: string, ...args: string[]];
  folder: string;
  /** What the spawn sets. */
  variables: Readonly<Record<string, string>>;
  /** The file that takes its output. */
  log: string;
}

export interface TmuxPane {
  socket: string;
  pane: string;
}

/** What was started, as it can be found again. */
export interface Begun {
  process: ProcessMark;
  tmux?: TmuxPane;
  /** Where this process sees the end by itself; else it is looked for. */
  ended?: Promise<SeenEnd>;
}

export interface Runner {
  /**
   * @param begun takes what was started, before anything else can happen
   * @throws CliError when it cannot be started, with a sentence that says why
   */
  start(launch: Launch, begun: (agent: Begun) => void): Promise<void>;
}
