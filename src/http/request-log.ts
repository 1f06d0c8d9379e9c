// What is asked and answered, for whoever set LOG_LEVEL=debug.
import type { RequestHandler } from 'express';
import type { Guard } from './guard.ts';

export interface RequestLog {
  isLevelEnabled: (level: 'debug') => boolean;
  debug: (fields: object, message: string) => void;
}

/** A line for each answer. A token in the path is not part of it, nor is the query, which may hold one too. */
export const requestLog =
  (log: RequestLog, guard: Guard, now: () => number): RequestHandler =>
  ({ method, url }, response, next) => {
    const startedAt = now();
    response.once('close', () => {
      const path = guard.pathOf(url).replace(/\?.*$/s, '');
      const status = response.writableFinished ? response.statusCode : null;
      log.debug({ method, path, status, ms: now() - startedAt }, `${method} ${path} ${status ?? 'given up'}`);
    });
    next();
  };
