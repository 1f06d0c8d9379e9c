// Paths of the server's endpoints. An id that cannot be one is not found, here as on the server, and never sent: it
// could lead to another endpoint.
import { Id } from '../domain/ids.ts';
import { CliError, exitCodes } from './errors.ts';

type Kind = 'project' | 'task' | 'session' | 'template';

/**
 * The path of one record, or of something below it: `pathOf('session', id, 'queue', 'top')`.
 * @throws CliError (exit code 2) when `id` can be nobody's
 */
export function pathOf(kind: Kind, id: string, ...below: string[]): string {
  if (!Id.safeParse(id).success) {
    throw new CliError(`${kind.toUpperCase()}_NOT_FOUND`, `${kind} ${JSON.stringify(id)} not found`, {
      exitCode: exitCodes.notFound,
      suggestion: 'An id has letters, digits, "_" and "-" only.',
    });
  }
  return ['/api', `${kind}s`, id, ...below].join('/');
}

/** A list's path with those filters that have a value. */
export function listPath(kind: Kind, filters: Record<string, string | undefined> = {}): string {
  const given = Object.entries(filters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return `/api/${kind}s${query === '' ? '' : `?${query}`}`;
}

/** Sessions in short, without what grows with their work. A server that knows no summaries answers whole sessions. */
export const summariesPath = (filters: Record<string, string | undefined>): string =>
  listPath('session', { ...filters, view: 'summary' });

/** The same for one session. */
export const summaryPath = (id: string): string => `${pathOf('session', id)}?view=summary`;
