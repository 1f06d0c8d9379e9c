// A chart as Stately's own extractor reads it from source, made a machine again: what its tools draw of our files.
// It speaks XState 4: a guard is called `cond` there, and a name stands in an object that says that it is one.
import { extractMachinesFromFile } from '@xstate/machine-extractor';
import { createMachine, type AnyStateMachine } from 'xstate';

/** A part of a chart's configuration, as plain data. */
type Part = Record<string, any>;

/** @throws when there is not exactly one chart in the source */
export function extractedFrom(source: string): AnyStateMachine {
  const [found, ...more] = extractMachinesFromFile(source)?.machines ?? [];
  if (!found || more.length > 0) throw new Error('the extractor does not find one chart');
  return createMachine(stateOf(found.toConfig({ fileContent: source }) as Part));
}

/** The first argument of createMachine is a state, too. */
const stateOf = ({ on, always, invoke, exit, states, ...rest }: Part): Part => ({
  ...rest,
  ...(on && { on: mapped(on, transitionsOf) }),
  ...(always && { always: transitionsOf(always) }),
  ...(invoke && { invoke: each(invoke, invokeOf) }),
  ...(exit && { exit: each(exit, actionOf) }),
  ...(states && { states: mapped(states, stateOf) }),
});

const transitionsOf = (given: any): any =>
  each(given, ({ cond, actions, ...rest }: Part) => ({
    ...rest,
    ...(cond && { guard: guardOf(cond) }),
    ...(actions && { actions: each(actions, actionOf) }),
  }));

const invokeOf = ({ kind: _, onError, ...rest }: Part): Part => ({
  ...rest,
  ...(onError && { onError: transitionsOf(onError) }),
});

const guardOf = ({ type, params }: Part): any => (Object.keys(params).length > 0 ? { type, params } : type);

const actionOf = ({ action }: Part): string => action.type;

/** One or several. */
const each = (given: any, of: (one: Part) => any): any => (Array.isArray(given) ? given.map(of) : of(given));

const mapped = (fields: Part, of: (value: any) => any): Part =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, of(value)]));
