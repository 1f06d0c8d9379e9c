import type { Summary } from '../live/api.ts';
import { shownState } from './state.ts';

/** The state in a word; the colour only repeats it. */
export function Badge({ session }: { session: Pick<Summary, 'status' | 'needsInput' | 'overdue'> }) {
  const { word, tone } = shownState(session);
  return <span className={`badge ${tone}`}>{word}</span>;
}
