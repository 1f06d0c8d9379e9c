// Why there is no manifest, as a refusal with a sentence for a person. Whatever else is thrown on the way (a full disk,
// a folder that may not be written) becomes one too.
import { MaestroError, asError } from '../domain/errors.ts';
import type { z } from 'zod';

/** How many faults of one file the sentence names; the details hold all. */
const faultsTold = 5;

export const manifestFailure = (
  message: string,
  options: { details?: Record<string, unknown>; cause?: unknown } = {},
): MaestroError =>
  new MaestroError('MANIFEST_GENERATION_ERROR', message, options.details, { cause: options.cause });

/** What was thrown while a manifest was made, as a MANIFEST_GENERATION_ERROR. */
export function asManifestFailure(thrown: unknown): MaestroError {
  if (thrown instanceof MaestroError) return thrown;
  const cause = asError(thrown);
  return manifestFailure(cause.message, { cause });
}

/**
 * The failure of a file that a schema refused: the sentence names the fields, `details` has one entry for each.
 * @param what the subject of the sentence: `the manifest`
 * @param json what was parsed; tells a missing field from a wrong one
 */
export function invalidFile(what: string, error: z.ZodError, json: unknown): MaestroError {
  const faults = error.issues.flatMap((issue) => faultsOf(issue, json));
  const told = faults.slice(0, faultsTold).map(([field, fault]) => `${field} ${fault}`);
  return manifestFailure(`${what} is not valid: ${told.join('; ')}`, { details: Object.fromEntries(faults) });
}

function faultsOf(issue: z.core.$ZodIssue, json: unknown): [field: string, fault: string][] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => [[...issue.path, key].join('.'), 'is not a known field']);
  }
  const field = issue.path.join('.') || 'the file';
  return [[field, valueAt(json, issue.path) === undefined ? 'is missing' : `is wrong (${issue.message})`]];
}

function valueAt(json: unknown, path: PropertyKey[]): unknown {
  let value = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key]; // any object may be asked for any key
  }
  return value;
}
