// Ids as the contract writes them: `{prefix}_{milliseconds}_{9 characters of 0-9a-z}`.
import { z } from 'zod';

export type IdPrefix = 'proj' | 'task' | 'sess' | 'tmpl' | 'evt';

/** Makes a new id, unique in this process; chance is handed in like time is. */
export type NewId = (prefix: IdPrefix) => string;

const pattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** An id that may become a file name: letters, digits, `_` and `-`, at most 128 of them. */
export const Id = z
  .string()
  .regex(pattern, 'must be 1 to 128 letters, digits, "_" or "-", beginning with a letter or digit');
