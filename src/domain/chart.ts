// A statechart as plain data: what our page draws, what `maestro machines` prints, what Stately's tools are given.
import { z } from 'zod';
import { JsonObject, Milliseconds } from './fields.ts';

const Path = z.string().describe('Names of states from the outermost to it: `spawning.awaitingAgent`.');

export const ChartState = z.object({
  path: Path,
  parent: Path.nullable(),
  description: z.string(),
  tags: z.array(z.string()),
  initial: Path.nullable().describe('The state in it that is entered first; null when there is none in it.'),
  effects: z.array(z.string()).describe('What runs while it lasts, by name.'),
  exit: z.array(z.string()).describe('Actions when it is left.'),
});
export type ChartState = z.infer<typeof ChartState>;

export const ChartTransition = z.object({
  from: Path,
  to: Path.nullable().describe('null: the state stays as it is.'),
  event: z.string().nullable().describe('A command, or the error of an effect; null: taken by itself.'),
  guard: z
    .object({ type: z.string(), params: JsonObject.optional() })
    .nullable()
    .describe('What must hold, by name.'),
  actions: z.array(z.string()),
});
export type ChartTransition = z.infer<typeof ChartTransition>;

/** States and transitions stand in the order of the source: a parent before its children. */
export const Chart = z.object({
  id: z.string(),
  description: z.string(),
  initial: Path,
  states: z.array(ChartState),
  transitions: z.array(ChartTransition),
});
export type Chart = z.infer<typeof Chart>;

/** A move of a session's machine from one state to another, as its record keeps it. */
export const Move = z.object({
  at: Milliseconds,
  event: z.string().describe('The command that moved it.'),
  from: Path,
  to: Path,
});
export type Move = z.infer<typeof Move>;

/** The state of a machine by its path: XState nests it in objects. */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [entry] = Object.entries(value as Record<string, unknown>);
  return entry ? `${entry[0]}.${pathOf(entry[1])}` : '';
}
