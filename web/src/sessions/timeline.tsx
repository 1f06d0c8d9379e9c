// What was said, newest first, so that what is new is seen without scrolling.
import { useMemo } from 'react';
import type { TimelineEntry } from '../live/api.ts';
import { Rows } from '../parts/rows.tsx';
import { dateAndTime, timeOfDay } from '../parts/time.ts';

export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const newest = useMemo(() => entries.toReversed(), [entries]);
  return (
    <section aria-label="Timeline">
      <h2>
        Timeline <span className="count">{entries.length}</span>
      </h2>
      <Rows label="Timeline, newest first" items={newest} keyOf={({ id }) => id} estimate={30}>
        {({ type, timestamp, message }) => (
          <div className={`entry ${type}`}>
            <time dateTime={new Date(timestamp).toISOString()} title={dateAndTime(timestamp)}>
              {timeOfDay(timestamp)}
            </time>
            <span className="kind">{type.replaceAll('_', ' ')}</span>
            <span className="said">{message}</span>
          </div>
        )}
      </Rows>
    </section>
  );
}
