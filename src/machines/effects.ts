// The closed list of what the machines may have done outside of them. Each is an invoked actor: it begins with its
// state and is ended with it. Its result comes back as a command, through the mailbox and a turn of its own, so that
// it is committed like everything else. Here stand only the names and inputs: `actors/` provides what runs.
import { fromCallback } from 'xstate';

export interface ManifestInput {
  id: string;
  attempt: number;
}

export interface DeadlineInput {
  id: string;
  /** Unix milliseconds. */
  at: number;
}

/** Makes the session's manifest; tells `manifest.made` or `manifest.failed`. */
export type GenerateManifest = ReturnType<typeof fromCallback<{ type: string }, ManifestInput>>;

/** Waits until `at`; tells `deadline.passed`. */
export type AwaitDeadline = ReturnType<typeof fromCallback<{ type: string }, DeadlineInput>>;

/** Effects that do nothing: what the machines hold until `actors/` provides real ones, and what tests walk them with. */
export const idleEffects: { generateManifest: GenerateManifest; awaitDeadline: AwaitDeadline } = {
  generateManifest: fromCallback(() => undefined),
  awaitDeadline: fromCallback(() => undefined),
};
