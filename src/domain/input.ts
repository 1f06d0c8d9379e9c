// Input, read by a schema; what is wrong with it is told field by field, in words that say what would be right.
import type { z } from 'zod';
import { MaestroError } from './errors.ts';

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** A body can have as many faults as it has fields: a report of this many is enough to mend it. */
const SHOWN_PROBLEMS = 100;
/** Of the path to a field; names of fields are a client's own. */
const SHOWN_LENGTH = 200;

/**
 * @param whole names the input itself, for what is wrong with none of its fields
 * @throws VALIDATION_ERROR whose details name each field and its first problem; its message is all of them
 */
export function readInput<S extends z.ZodType>(schema: S, input: unknown, whole: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  // Read once more for the report: keeping the input in issues costs good input ten times the parse.
  const { error = parsed.error } = schema.safeParse(input, { reportInput: true });
  const details: Record<string, string> = {};
  for (const issue of error.issues.slice(0, SHOWN_PROBLEMS)) {
    const field = issue.path.join('.') || whole;
    const shown = field.length > SHOWN_LENGTH ? `${field.slice(0, SHOWN_LENGTH)}…` : field;
    details[shown] ??= problemOf(issue);
  }
  const sentences = Object.entries(details).map(([field, problem]) => `${field} ${problem}`);
  throw new MaestroError('VALIDATION_ERROR', sentences.join('; '), details);
}

/** Goes behind the name of the field: `must be one of low, medium, high`. */
function problemOf(issue: z.core.$ZodIssue): string {
  const isMissing = issue.input === undefined;
  switch (issue.code) {
    case 'invalid_value':
      if (isMissing) return 'is required';
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return isMissing ? 'is required' : `must be ${kinds[issue.expected] ?? issue.expected}`;
    default:
      return issue.message;
  }
}
