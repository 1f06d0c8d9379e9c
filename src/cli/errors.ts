// Everything that ends a command badly: a code for programs, a sentence for a person, what to do next, an exit code.
import { CommanderError } from 'commander';
import { MaestroError, asError } from '../domain/errors.ts';

/** The exit codes that scripts and hooks rely on. */
export const exitCodes = {
  ok: 0,
  general: 1,
  notFound: 2,
  noConnection: 3,
  notAllowed: 4,
  spawn: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface CliErrorOptions {
  exitCode?: ExitCode;
  details?: unknown;
  /** What the reader may do next, as a sentence. */
  suggestion?: string | undefined;
  cause?: unknown;
}

/** `code` is the server's own, or one of ours: NO_CONNECTION, BAD_ANSWER, USAGE_ERROR, NOT_ALLOWED and the like. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly details: unknown;
  readonly suggestion: string | undefined;

  constructor(code: string, message: string, options: CliErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.code = code;
    this.exitCode = options.exitCode ?? exitCodes.general;
    this.details = options.details;
    this.suggestion = options.suggestion;
  }
}

/** A command that cannot run as it was called. */
export const usageError = (message: string, suggestion?: string): CliError =>
  new CliError('USAGE_ERROR', message, { suggestion });

/** Whatever a command threw, as one thing to print. */
export function asCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  if (thrown instanceof CommanderError) return fromCommander(thrown);
  if (thrown instanceof MaestroError) {
    return new CliError(thrown.code, thrown.message, { details: thrown.details, cause: thrown });
  }
  const error = asError(thrown);
  return new CliError('INTERNAL_ERROR', error.message, {
    suggestion: 'MAESTRO_DEBUG=true shows where it happened.',
    cause: error,
  });
}

/** Commander's own sentences, its "Did you mean" as the suggestion. */
function fromCommander({ code, message }: CommanderError): CliError {
  if (code === 'commander.help')
    return usageError('a subcommand is missing', 'Add --help to see which there are.');
  const sentence = message.replace(/^error: /, '');
  const [, said = sentence, meant] = /^(.*?)\s*\((Did you mean .*)\)$/s.exec(sentence) ?? [];
  if (meant !== undefined) return usageError(said, meant);
  const looksLikeText = /^unknown option '-[^']*\s/.test(said);
  return usageError(
    said,
    looksLikeText ? 'Put -- before a text that begins with a dash.' : 'Add --help to see how it is called.',
  );
}
