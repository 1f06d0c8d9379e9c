// The log: pino, as lines for people or as JSON, to the terminal and, if wanted, to a file too.
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export interface LoggerOptions {
  level: 'error' | 'warn' | 'info' | 'debug';
  format: 'json' | 'pretty';
  file: string | null;
}

/** Written synchronously: what was logged before a crash is there. */
export function createLogger({ level, format, file }: LoggerOptions): Logger {
  const streams = [{ level, stream: stream(format, 1, process.stdout.isTTY) }];
  if (file !== null) streams.push({ level, stream: stream(format, file, false) });
  return pino({ level, base: null }, pino.multistream(streams));
}

function stream(format: LoggerOptions['format'], destination: number | string, colorize: boolean) {
  if (format === 'pretty')
    return pretty({
      colorize,
      destination,
      sync: true,
      translateTime: 'HH:MM:ss',
      ignore: 'pid,hostname',
    });
  return pino.destination({ dest: destination, sync: true });
}
