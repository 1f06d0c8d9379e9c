// How a state and a transition are called in pictures.
import type { ChartTransition } from '../domain/chart.ts';

/** The last name of a state's path. */
export const nameIn = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

const errorOfEffect = /^xstate\.error\.actor\./;

/** The event and, in brackets, what must hold: `session.claim [isFreeFor]`. */
export function labelOf({ event, guard }: Pick<ChartTransition, 'event' | 'guard'>): string {
  const what = event === null ? '' : event.replace(errorOfEffect, 'error of ');
  return [what, guard && `[${[guard.type, ...Object.values(guard.params ?? {})].join(' ')}]`]
    .filter(Boolean)
    .join(' ');
}
