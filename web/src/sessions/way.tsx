// The way that a session took from state to state, with what moved it.
import type { Move } from '../live/api.ts';
import { timeOfDay } from '../parts/time.ts';

const SHOWN = 12;

export function Way({ history, startedAt }: { history: readonly Move[]; startedAt: number }) {
  const first = history[0]?.from;
  const shown = history.slice(-SHOWN);
  return (
    <section aria-label="The way it took">
      <h2>The way it took</h2>
      <ol className="way">
        {first !== undefined && shown.length === history.length && (
          <li>
            <time>{timeOfDay(startedAt)}</time> <code>{first}</code>
          </li>
        )}
        {shown.length < history.length && (
          <li className="small">{history.length - shown.length} earlier moves</li>
        )}
        {shown.map(({ at, event, to }) => (
          <li key={`${at} ${event} ${to}`}>
            <time>{timeOfDay(at)}</time> <span className="small">{event}</span> <code>{to}</code>
          </li>
        ))}
        {history.length === 0 && <li className="empty">It has not moved yet.</li>}
      </ol>
    </section>
  );
}
