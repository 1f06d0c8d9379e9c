// What can go wrong between us and the server, as errors with the right exit code and what to do about them.
import { z } from 'zod';
import { asError } from '../domain/errors.ts';
import { CliError, exitCodes, type ExitCode } from './errors.ts';

const ErrorBody = z.looseObject({
  code: z.string(),
  message: z.string(),
  details: z.unknown().optional(),
});

/** No answer, or one that says that the server is in trouble: the call may be tried again, after `retryAfterMs`. */
export class ServerAway extends CliError {
  readonly retryAfterMs: number;

  constructor({ code, message, exitCode, details, suggestion, cause }: CliError, retryAfterMs: number) {
    super(code, message, { exitCode, details, suggestion, cause });
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether the server is away or in trouble, rather than refusing. */
export const isServerAway = (error: unknown): error is ServerAway => error instanceof ServerAway;

/** The server's refusal, from its status and its body. */
export function refusal(status: number, body: unknown, path: string): CliError {
  const { data } = ErrorBody.safeParse(body);
  const code = data?.code ?? `HTTP_${status}`;
  return new CliError(code, data?.message ?? `the server answered ${path} with status ${status}`, {
    exitCode: exitCodeOf(status, code),
    details: data?.details,
    suggestion: suggestions[code],
  });
}

/** No answer at all: refused, broken off, or not within the limit. */
export function lostConnection(url: string, limitMs: number, thrown: unknown): ServerAway {
  const isLate = asError(thrown).name === 'AbortError';
  const why = isLate ? `no answer within ${limitMs / 1000} s` : reasonOf(thrown);
  const error = new CliError('NO_CONNECTION', `no connection to the server at ${url} (${why})`, {
    exitCode: exitCodes.noConnection,
    suggestion: '`maestro serve` starts the server; --server or MAESTRO_API_URL says where another one is.',
    cause: thrown,
  });
  return new ServerAway(error, 0);
}

/** An answer that no Maestro server gives. */
export const badAnswer = (url: string, path: string, cause?: unknown): CliError =>
  new CliError('BAD_ANSWER', `what ${url} answered to ${path} is not what a Maestro server answers`, {
    suggestion: 'Check that --server or MAESTRO_API_URL is the URL of a Maestro server of this version.',
    cause,
  });

function exitCodeOf(status: number, code: string): ExitCode {
  if (code === 'manifest_generation_failed' || code === 'spawn_error') return exitCodes.spawn;
  if (status === 404) return exitCodes.notFound;
  if (status === 401 || status === 403) return exitCodes.notAllowed;
  return exitCodes.general;
}

function reasonOf(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'code' in cause) {
    const code = String(cause.code);
    return code === 'EPROTO' ? 'it does not speak https; try http' : code;
  }
  return asError(cause).message;
}

const suggestions: Partial<Record<string, string>> = {
  PROJECT_NOT_FOUND: '`maestro project list` shows the projects that there are.',
  TASK_NOT_FOUND: '`maestro task list` shows the tasks that there are.',
  SESSION_NOT_FOUND: '`maestro session list` shows the sessions that there are.',
  project_not_found: '`maestro project list` shows the projects that there are.',
  task_not_found: '`maestro task list` shows the tasks that there are.',
  parent_session_not_found: 'MAESTRO_SESSION_ID names a session that this server does not know.',
  PROJECT_HAS_DEPENDENCIES: '`maestro task delete` and `maestro session delete` take what is in it away.',
  UNAUTHORIZED: 'The server wants its token: set MAESTRO_TOKEN.',
  FORBIDDEN: 'Reach the server under localhost, 127.0.0.1 or its SERVER_URL.',
  manifest_generation_failed: 'The same command again takes the failed spawn up again.',
};
