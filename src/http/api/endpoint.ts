// An endpoint as data: what it takes, what it answers, what it refuses, which facts it tells. Routers read their input
// by it and the API document is made from it, so that the two cannot differ.
import type { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.ts';
import type { FactType } from '../../domain/facts.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface Endpoint {
  method: Method;
  /** From the root, its variable parts in braces: `/api/tasks/{id}`. */
  path: string;
  /** One line. */
  summary: string;
  /** What a client must know beside it. */
  description?: string;
  /** Parts of the path that are one of a few words. */
  words?: Readonly<Record<string, z.ZodType>>;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The body of each success, by status. */
  answers: Readonly<Partial<Record<200 | 201, z.ZodType>>>;
  /** The body with `Prefer: return=minimal`. */
  minimal?: z.ZodType;
  /** Whether it is answered without the token too. */
  needsNoToken?: true;
  /** Beside those that any request may get. */
  refuses?: readonly ErrorCode[];
  tells?: readonly FactType[];
}

/** Keeps the exact types of what is declared. */
export const endpoint = <const E extends Endpoint>(declared: E): E => declared;

/** The names of a path's variable parts. */
export type PathNames<P extends string> = P extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;
