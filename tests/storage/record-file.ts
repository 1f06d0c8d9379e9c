// A record's file as somebody else reads it.
import { readFileSync } from 'node:fs';

/** Its content; undefined while there is none that can be read. */
export const read = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

/** How many entries the timeline in it has. */
export const entriesIn = (path: string): number =>
  ((read(path) as { timeline?: [] } | undefined)?.timeline ?? []).length;
