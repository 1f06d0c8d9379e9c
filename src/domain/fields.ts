// Field schemas that several records share.
import { z } from 'zod';

/** Unix milliseconds. */
export const Milliseconds = z.number();

/** A name or title: trimmed, and something must be left. */
export const Label = z.string().trim().min(1, 'must not be empty');

export const JsonObject = z.record(z.string(), z.unknown());
export type JsonObject = z.infer<typeof JsonObject>;

export const StringMap = z.record(z.string(), z.string());

export const Model = z.enum(['haiku', 'sonnet', 'opus']);
export type Model = z.infer<typeof Model>;

/** Strength of a model, the greater the stronger; who asks for the strongest among tasks compares these. */
const strength: Record<Model, number> = { haiku: 0, sonnet: 1, opus: 2 };

/** The strongest of the given models; undefined when none is given. */
export const strongestModel = (models: (Model | undefined)[]): Model | undefined =>
  models.reduce(
    (best, next) => (next && (!best || strength[next] > strength[best]) ? next : best),
    undefined,
  );

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
