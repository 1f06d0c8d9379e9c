// Field schemas that several records share.
import { z } from 'zod';
import {
  ENV_LENGTH,
  ENV_VARIABLES,
  ID_LENGTH,
  NAME_LENGTH,
  PATH_LENGTH,
  WORD_LENGTH,
  written,
} from './bounds.ts';

/** Unix milliseconds. */
export const Milliseconds = z.number();

export const JsonObject = z.record(z.string(), z.unknown());
export type JsonObject = z.infer<typeof JsonObject>;

export const StringMap = z.record(z.string(), z.string());

// Fields of requests. Every text, list and map among them has a bound: tests/http/api.bounds.test.ts looks.

/** The last moment that a `Date` can stand for. */
const LATEST = 8.64e15;

const atMost = (bound: number): string => `must have at most ${written(bound)} characters`;

const withoutNul = (schema: z.ZodString) =>
  schema.refine((text) => !text.includes('\0'), 'must not hold a NUL character');

/** A time that a client gives: what a date can be. */
export const Moment = Milliseconds.min(-LATEST, 'must be Unix milliseconds').max(
  LATEST,
  'must be Unix milliseconds',
);

/** A text of at most `length` characters. */
export const text = (length: number) => z.string().max(length, atMost(length));

/** A name or title: trimmed, and something must be left. */
export const Label = withoutNul(
  z.string().trim().min(1, 'must not be empty').max(NAME_LENGTH, atMost(NAME_LENGTH)),
);

/** A name that may be empty. */
export const Name = withoutNul(text(NAME_LENGTH));

/** A word of a client's own. */
export const Word = withoutNul(text(WORD_LENGTH));

export const Path = withoutNul(text(PATH_LENGTH));

/** The id of a record, which may be there or not. */
export const Reference = withoutNul(text(ID_LENGTH));

/** `schema`, asked only about values that have not `tooMany`: a list or map that is too wide is refused unread. */
const narrow = <S extends z.ZodType>(tooMany: (value: unknown) => boolean, error: string, schema: S) =>
  z.preprocess((value, context) => {
    if (!tooMany(value)) return value;
    context.addIssue({ code: 'custom', message: error, input: value });
    return z.NEVER;
  }, schema);

/** A list of at least `fewest` and at most `most` entries. */
export const list = <S extends z.ZodType>(entry: S, most: number, fewest = 0) => {
  const error = `must have at most ${written(most)} entries`;
  const schema = z.array(entry).max(most, error);
  const isLong = (value: unknown): boolean => Array.isArray(value) && value.length > most;
  return narrow(isLong, error, fewest > 0 ? schema.min(fewest) : schema);
};

/** What stands in the API document for values that have no bound but the body's. */
export const BOUNDED_BY_BODY = 'Any JSON; the bounds of the body apply.';

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * An object of a client's own, read as it is: z.record() would look at each of its names, for ten times the price of
 * parsing them. An own `__proto__` is left out, as z.record() does when it reads the file again.
 */
export const AnyObject = z.preprocess(
  (value) => {
    if (!isObject(value) || !Object.hasOwn(value, '__proto__')) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '__proto__'));
  },
  z
    .unknown()
    .refine(isObject, 'must be an object')
    .meta({ type: 'object', description: BOUNDED_BY_BODY }) as z.ZodType as z.ZodType<JsonObject>,
);

export const AnyValue = z.unknown().describe(BOUNDED_BY_BODY);

/** Variables for a child process. */
export const Environment = narrow(
  (value) => isObject(value) && Object.keys(value).length > ENV_VARIABLES,
  `must have at most ${written(ENV_VARIABLES)} variables`,
  z
    .record(text(ENV_LENGTH), text(ENV_LENGTH))
    .refine(
      (variables) => Object.entries(variables).flat().join('').length <= ENV_LENGTH,
      `must have at most ${written(ENV_LENGTH)} characters, names and values together`,
    )
    .refine(
      (variables) => !Object.entries(variables).flat().join('').includes('\0'),
      'must not hold a NUL character',
    )
    .meta({ maxProperties: ENV_VARIABLES }),
);

export const Model = z.enum(['haiku', 'sonnet', 'opus']);
export type Model = z.infer<typeof Model>;

/** Strength of a model, the greater the stronger; who asks for the strongest among tasks compares these. */
const strength: Record<Model, number> = { haiku: 0, sonnet: 1, opus: 2 };

/** The strongest of the given models; undefined when none is given. */
export const strongestModel = (models: (Model | undefined)[]): Model | undefined =>
  models
    // A record of a newer version may name a model that has no strength here.
    .filter((model) => model !== undefined && Object.hasOwn(strength, model))
    .reduce((best, next) => (next && (!best || strength[next] > strength[best]) ? next : best), undefined);

/** An object in a body whose `null`s mean "not given", at its own level. */
export const ignoringNulls = <S extends z.ZodType>(schema: S) =>
  z.preprocess(
    (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
        : value,
    schema,
  );

/** Reads an old word as the new one before the schema judges it. */
export const withOldWord = <S extends z.ZodType>(oldWord: string, word: z.output<S>, schema: S) =>
  z.preprocess((value) => (value === oldWord ? word : value), schema);
