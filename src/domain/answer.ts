// The first answer to a request that carried an Idempotency-Key, kept in the same commit as what it did.
import { z } from 'zod';
import { Milliseconds } from './fields.ts';

/**
 * The record, as in `answers/{id}.json`. An answer that shows a whole session keeps a reference and is made anew
 * from the session as it is then; `spawn` waits for the outcome of that session's spawn first.
 */
export const Answer = z.object({
  id: z.string(),
  bodyHash: z.string(),
  status: z.number().int(),
  createdAt: Milliseconds,
  /** The body as it was sent, JSON: as an object, fifty thousand of them would take four times the memory. */
  text: z.string().optional(),
  /** Who asked, for the bound of one caller; older answers have none. */
  caller: z.string().optional(),
  session: z.object({ id: z.string(), shape: z.enum(['session', 'spawn']) }).optional(),
});
export type Answer = z.infer<typeof Answer>;
