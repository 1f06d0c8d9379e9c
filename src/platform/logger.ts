// The log: pino, as lines for people or as JSON, to the terminal and, if wanted, to a file too.
import { pino, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { LogOutput } from './log-output.ts';

export interface LoggerOptions {
  level: 'error' | 'warn' | 'info' | 'debug';
  format: 'json' | 'pretty';
  file: string | null;
}

const STDOUT = 1;
/** As pino numbers its levels. */
const WARNING = 40;

/**
 * pino's own destinations are not used: one whose disk is full waits for ever when the process ends, and pino-pretty's
 * stream takes no more lines after its first error.
 * @throws Error when the file cannot be opened.
 */
export function createLogger({ level, format, file }: LoggerOptions): Logger {
  const streams = [{ level, stream: stream(format, STDOUT, process.stdout.isTTY) }];
  if (file !== null) streams.push({ level, stream: stream(format, file, false) });
  return pino({ level, base: null }, pino.multistream(streams));
}

function stream(format: LoggerOptions['format'], destination: number | string, colorize: boolean) {
  const asText = formatterOf(format, colorize);
  const output = new LogOutput({
    destination,
    lostLine: (lines, reason) => {
      const msg = `${lines} lines of the log could not be written: ${reason}`;
      return asText(`${JSON.stringify({ level: WARNING, time: Date.now(), msg })}\n`);
    },
  });
  return { write: (line: string) => output.write(asText(line)) };
}

function formatterOf(format: LoggerOptions['format'], colorize: boolean): (line: string) => string {
  if (format === 'json') return (line) => line;
  const pretty = prettyFactory({ colorize, translateTime: 'HH:MM:ss', ignore: 'pid,hostname' });
  return pretty;
}
