// The items of a session's queue, in order, with how long each took.
import type { Queue, Whole } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { Rows } from '../parts/rows.tsx';
import { duration } from '../parts/time.ts';

type Item = Queue['items'][number];

const tones: Record<Item['status'], string> = {
  queued: 'quiet',
  processing: 'busy',
  completed: 'good',
  failed: 'bad',
  skipped: 'quiet',
};

export function QueueItems({
  session,
  queue: { items },
  now,
}: {
  session: Whole;
  queue: Queue;
  now: number;
}) {
  const { tasks } = useTheWorld();
  return (
    <section aria-label="Queue">
      <h2>
        Queue <span className="count">{items.length}</span>
      </h2>
      <Rows label={`Queue of ${session.name}`} items={items} keyOf={({ taskId }) => taskId} estimate={30}>
        {(item, index) => (
          <div className="item">
            <span className="small">{index + 1}</span>
            <span className={`badge ${tones[item.status]}`}>{item.status}</span>
            <span className="said">
              {tasks.get(item.taskId)?.title ?? item.taskId}
              {item.status === 'failed' && <span className="small"> ({item.failReason})</span>}
            </span>
            <time className="small">{took(item, now)}</time>
          </div>
        )}
      </Rows>
    </section>
  );
}

function took(item: Item, now: number): string {
  if (!('startedAt' in item) || item.startedAt === undefined) return '';
  const end = 'completedAt' in item ? item.completedAt : undefined;
  return duration((end ?? now) - item.startedAt);
}
