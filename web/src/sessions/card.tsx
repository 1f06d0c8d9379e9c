// A session at a glance.
import { memo } from 'react';
import { Link } from 'wouter';
import type { Summary } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { duration } from '../parts/time.ts';
import { Answer } from './answer.tsx';
import { Badge } from './badge.tsx';
import { Progress } from './progress.tsx';
import { shownState } from './state.ts';

export const Card = memo(function Card({ session, now }: { session: Summary; now: number }) {
  const { projects, tasks } = useTheWorld();
  const { id, name, projectId, strategy, taskIds, queue, last, since } = session;
  const inWork = queue ? queue.current : (taskIds[0] ?? null);
  const others = queue ? 0 : taskIds.length - 1;
  return (
    <article className={`card ${shownState(session).tone}`}>
      <header>
        <h3>
          <Link href={`/sessions/${id}`}>{name}</Link>
        </h3>
        <Badge session={session} />
        <time className="small" title="time in this state">
          {duration(now - since)}
        </time>
      </header>
      <p className="small">
        {projects.get(projectId)?.name ?? projectId} · {strategy}
        {inWork !== null && ` · ${tasks.get(inWork)?.title ?? inWork}`}
        {others > 0 && ` and ${others} more`}
      </p>
      {queue && <Progress queue={queue} />}
      {session.needsInput?.active ? (
        <Answer session={session} />
      ) : (
        last && <p className="report">{last.message ?? last.type}</p>
      )}
    </article>
  );
});
