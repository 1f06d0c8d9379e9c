// What a command says. With --json, stdout holds one object and nothing else; else text for people, errors on stderr.
import pc from 'picocolors';
import type { CliError } from './errors.ts';
import { jsonText } from './json-text.ts';

/** What a command has to say when it went well. */
export interface Told {
  /** For programs: the `data` of --json. */
  data: unknown;
  /** The same for people. */
  text: string;
  /** The text goes to stderr, for commands whose stdout is not for people. */
  aside?: boolean;
}

export interface Output {
  readonly json: boolean;
  success(told: Told): void;
  failure(error: CliError): void;
  /** Something went wrong beside the command's own outcome: to stderr. */
  warn(text: string): void;
  /**
   * A word on what is going on, for a person who looks on: to stderr. Nothing with --json; where stderr is no terminal
   * the first one only, which tells a log why there is a pause.
   */
  note(text: string): void;
  /** The same for who searches a fault: with MAESTRO_DEBUG only. */
  trace(text: string): void;
}

/**
 * @param json one object on stdout
 * @param debug tells notes to pipes too, and where an error came from
 */
export function createOutput({ json, debug }: { json: boolean; debug: boolean }): Output {
  let hasNoted = false;
  return {
    json,

    success({ data, text, aside = false }) {
      if (json) writeLine(process.stdout, jsonText({ success: true, data: data ?? null }));
      else if (text !== '') writeLine(aside ? process.stderr : process.stdout, text);
    },

    failure(error) {
      if (json) writeLine(process.stdout, jsonText(failureObject(error)));
      else writeLine(process.stderr, failureText(error));
      if (debug) writeLine(process.stderr, stackOf(error));
    },

    warn(text) {
      writeLine(process.stderr, `${pc.yellow('warning:')} ${text}`);
    },

    note(text) {
      const isFollowed = debug || (!json && process.stderr.isTTY);
      if (isFollowed) writeLine(process.stderr, pc.dim(text));
      else if (!json && !hasNoted) writeLine(process.stderr, text);
      hasNoted = true;
    },

    trace(text) {
      if (debug) writeLine(process.stderr, pc.dim(text));
    },
  };
}

const writeLine = (stream: NodeJS.WriteStream, text: string): void => {
  stream.write(text.endsWith('\n') ? text : `${text}\n`);
};

const failureObject = ({ code, message, details, suggestion }: CliError) => ({
  success: false,
  error: code,
  message,
  details: details ?? null,
  suggestion: suggestion ?? null,
});

function failureText({ message, details, suggestion }: CliError): string {
  const lines = [`${pc.red('error:')} ${message}`];
  if (typeof details === 'object' && details !== null) {
    for (const [field, fault] of Object.entries(details)) {
      // The message of bad input is its details as a sentence.
      if (!message.includes(`${field} ${inOneLine(fault)}`)) lines.push(`  ${field}: ${inOneLine(fault)}`);
    }
  }
  if (suggestion !== undefined) lines.push(pc.dim(suggestion));
  return lines.join('\n');
}

const inOneLine = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function stackOf(error: CliError): string {
  const { cause } = error;
  return (cause instanceof Error ? cause.stack : error.stack) ?? error.message;
}
