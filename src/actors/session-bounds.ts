// What accumulates in a session by merging has a bound of its own: a request is bounded, but not how many there are.
import { SESSION_ENV_BYTES, SESSION_METADATA_BYTES, written } from '../domain/bounds.ts';
import { MaestroError } from '../domain/errors.ts';
import type { Session, SessionChange } from '../domain/session.ts';

const bounds = { env: SESSION_ENV_BYTES, metadata: SESSION_METADATA_BYTES };

const bytesOf = (value: object = {}): number => Buffer.byteLength(JSON.stringify(value));

/**
 * `before` with the change's `env` and `metadata` merged into its own; only what the change has.
 * @throws PAYLOAD_TOO_LARGE, naming the field, when it grew past its bound. What a spawn began with may be larger; it may
 *   shrink, but not grow.
 */
export function mergeMaps(
  before: Session,
  change: SessionChange,
): Pick<Partial<Session>, 'env' | 'metadata'> {
  const env = change.env && { ...before.env, ...change.env };
  const metadata = change.metadata && { ...before.metadata, ...change.metadata };
  for (const [field, merged] of Object.entries({ env, metadata }) as [
    'env' | 'metadata',
    object | undefined,
  ][]) {
    if (merged === undefined) continue;
    const bytes = bytesOf(merged);
    if (bytes <= bounds[field] || bytes <= bytesOf(before[field])) continue;
    const problem = `must have at most ${written(bounds[field])} bytes of JSON in a session, it would have ${written(bytes)}`;
    throw new MaestroError('PAYLOAD_TOO_LARGE', `${field} ${problem}`, { [field]: problem });
  }
  return { ...(env && { env }), ...(metadata && { metadata }) };
}
