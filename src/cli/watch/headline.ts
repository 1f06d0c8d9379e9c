// The first line: whether what stands below is how it is, and how many sessions there are of each kind.
import pc from 'picocolors';
import type { Link } from './feed.ts';
import { printable } from './printable.ts';
import { stateOf, type SessionRow } from './session-row.ts';

export function headline(url: string, link: Link, rows: readonly SessionRow[]): string {
  const name = `${pc.bold('Maestro')} ${url}`;
  switch (link.state) {
    case 'connecting':
      return `${name}  ${pc.yellow('connecting…')}`;
    case 'lost': {
      const since = pc.red(pc.bold(`not connected since ${clock(link.at)}`));
      const old = rows.length === 0 ? '' : '; below: how it was then';
      return `${name}  ${since}${old} (${printable(link.why)})`;
    }
    case 'live':
      return `${name}  ${pc.green('live')}  ${countText(rows)}`;
  }
}

/** `3 sessions: 1 needs input, 2 working`. */
function countText(rows: readonly SessionRow[]): string {
  if (rows.length === 0) return 'no session';
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(stateOf(row), (counts.get(stateOf(row)) ?? 0) + 1);
  const parts = [...counts].map(([state, count]) => `${count} ${state}`);
  return `${rows.length} session${rows.length === 1 ? '' : 's'}: ${parts.join(', ')}`;
}

/** `12:03:04`, in the time of this machine. */
export const clock = (at: number): string => new Date(at).toLocaleTimeString('en-GB', { hour12: false });
