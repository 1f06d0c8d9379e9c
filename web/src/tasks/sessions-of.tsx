// The sessions of a task, newest first.
import { useEffect } from 'react';
import { Link } from 'wouter';
import { get, type Summary, type Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';
import { Badge } from '../sessions/badge.tsx';

const SHOWN = 2;

/** @param tabIndex of the links */
export function SessionsOf({
  task: { sessionIds },
  tabIndex,
}: {
  task: Task;
  tabIndex?: number | undefined;
}) {
  if (sessionIds.length === 0) return null;
  return (
    <span className="sessions-of">
      {sessionIds
        .slice(-SHOWN)
        .reverse()
        .map((id) => (
          <SessionLink key={id} id={id} tabIndex={tabIndex} />
        ))}
      {sessionIds.length > SHOWN && <span className="small">and {sessionIds.length - SHOWN} more</span>}
    </span>
  );
}

/** All of them; those that have ended are read first. */
export function AllSessionsOf({ task: { id, sessionIds } }: { task: Task }) {
  const world = useTheWorld();
  const { refusal, ask } = useAsk();
  useEffect(() => {
    const isKnown = world.tasks.get(id)?.sessionIds.every((each) => world.sessions.has(each)) ?? true;
    if (!isKnown)
      void ask(async () =>
        world.addSessions(await get<Summary[]>(`api/sessions?view=summary&taskId=${encodeURIComponent(id)}`)),
      );
  }, [id, world, ask]);
  if (sessionIds.length === 0) return null;
  return (
    <section aria-label="Its sessions">
      <h3>Its sessions</h3>
      <ul className="plain">
        {sessionIds.toReversed().map((each) => (
          <li key={each}>
            <SessionLink id={each} />
          </li>
        ))}
      </ul>
      <RefusalNote refusal={refusal} />
    </section>
  );
}

/** The page knows all that live and all that failed: any other has ended. */
function SessionLink({ id, tabIndex }: { id: string; tabIndex?: number | undefined }) {
  const session = useTheWorld().sessions.get(id);
  return (
    <span className="session-link">
      <Link href={`/sessions/${id}`} tabIndex={tabIndex}>
        {session?.name ?? `session ${id.slice(-9)}`}
      </Link>{' '}
      {session ? <Badge session={session} /> : <span className="badge quiet">ended</span>}
    </span>
  );
}
