// One run of one command: what it knows of its surroundings, and the way from what it answers to what is printed.
import type { Command } from 'commander';
import { createClient, type Client } from './client.ts';
import { resolveEnvironment, type Environment, type Flags } from './environment.ts';
import { usageError } from './errors.ts';
import type { Output, Told } from './output.ts';
import { refuseIfNotAllowed } from './permissions/check.ts';

/** Success in a word and an object, or the exit code of a command that has spoken for itself. */
export type Reply = Told | { exitCode: number };

export interface Invocation {
  environment: Environment;
  flags: Flags;
  output: Output;
  /** For ordinary calls: 30 s an attempt, three more after 1, 2 and 4 s. */
  client: Client;
  /** One short attempt: for hooks, which must not hold up an agent. */
  hastyClient: Client;
  /** For reports that must arrive, even over a restart of the server: up to a minute. */
  patientClient: Client;
}

/** Wraps what a command does into the action that commander calls: checks, runs, prints. */
export type Act = <Args extends unknown[]>(
  run: (invocation: Invocation, ...args: Args) => Promise<Reply>,
) => (...given: [...Args, Command]) => Promise<void>;

/** Every file in commands/ exports one of these. */
export type AddCommands = (program: Command, act: Act) => void;

const normalWithinMs = 150_000;
const longestDelayMs = 30_000;
const hastyTimeoutMs = 3_000;
const patientWithinMs = 60_000;
const patientTimeoutMs = 10_000;
const patientLongestDelayMs = 3_000;

/** @param exit takes the exit code of a command that has one of its own */
export const actWith =
  (output: Output, exit: (code: number) => void): Act =>
  <Args extends unknown[]>(run: (invocation: Invocation, ...args: Args) => Promise<Reply>) =>
  async (...given: [...Args, Command]) => {
    // Commander passes the command itself last, behind its arguments and options.
    const command = given.at(-1) as Command;
    const args = given.slice(0, -1) as Args;
    const flags = command.optsWithGlobals<Flags>();
    const environment = resolveEnvironment({ server: flags.server, project: flags.project });
    await refuseIfNotAllowed(commandName(command), environment);

    const reply = await run(invocationOf(environment, flags, output), ...args);
    if ('exitCode' in reply) exit(reply.exitCode);
    else output.success(reply);
  };

function invocationOf(environment: Environment, flags: Flags, output: Output): Invocation {
  const { serverUrl: url, credentials, retries, retryDelayMs: delayMs } = environment;
  const base = { url, credentials, output };
  return {
    environment,
    flags,
    output,
    client: createClient({ ...base, retry: { retries, delayMs, longestDelayMs, withinMs: normalWithinMs } }),
    hastyClient: createClient({
      ...base,
      timeoutMs: hastyTimeoutMs,
      retry: { retries: 0, delayMs, longestDelayMs, withinMs: 0 },
    }),
    patientClient: createClient({
      ...base,
      timeoutMs: patientTimeoutMs,
      retry: {
        retries: retries === 0 ? 0 : Infinity,
        delayMs,
        longestDelayMs: patientLongestDelayMs,
        withinMs: patientWithinMs,
      },
    }),
  };
}

/** `task update`, without the program's own name. */
function commandName(command: Command): string {
  const names: string[] = [];
  for (let at = command; at.parent; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

/** @throws CliError USAGE_ERROR that says how to name a project */
export function requireProject({ environment }: Invocation): string {
  if (environment.projectId !== undefined) return environment.projectId;
  throw usageError(
    'no project is given',
    'Name one with --project ID or MAESTRO_PROJECT_ID; `maestro project list` shows them.',
  );
}

/** @throws CliError USAGE_ERROR when this is no session's environment */
export function requireSession(
  { environment }: Invocation,
  suggestion = 'Set MAESTRO_SESSION_ID to the id of a session; agents have it from their host.',
): string {
  if (environment.sessionId !== undefined) return environment.sessionId;
  throw usageError('no session is given', suggestion);
}
