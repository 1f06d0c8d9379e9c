// One session: where it stands, what can be done now, what was said, what waits.
import { Link } from 'wouter';
import { useNow, useTheWorld } from '../live/use.ts';
import { StateChart } from '../machines/chart.tsx';
import { dateAndTime, duration } from '../parts/time.ts';
import { Actions } from './actions.tsx';
import { Answer } from './answer.tsx';
import { Badge } from './badge.tsx';
import { Commands } from './commands.tsx';
import { Manifest } from './manifest.tsx';
import { QueueItems } from './queue.tsx';
import { Timeline } from './timeline.tsx';
import { useSession, type Opened } from './use-session.ts';
import { Way } from './way.tsx';

export function SessionView({ id }: { id: string }) {
  const { opened, failure } = useSession(id);
  const { sessions } = useTheWorld();
  if (failure && !opened)
    return (
      <p role="alert" className="empty">
        {failure.message}. <Link href="/">To the sessions</Link>
      </p>
    );
  if (!opened) return <p role="status">reading {sessions.get(id)?.name ?? id}…</p>;
  return <Session opened={opened} />;
}

function Session({ opened: { whole, state, queue } }: { opened: Opened }) {
  const now = useNow();
  const { projects, tasks } = useTheWorld();
  const { id, name, projectId, strategy, role, model, taskIds, startedAt, completedAt } = whole;
  return (
    <>
      <div className="bar-of-view">
        <h1>{name}</h1>
        <Badge session={whole} />
        <span className="small">for {duration(now - state.since)}</span>
      </div>
      <p className="small">
        {projects.get(projectId)?.name ?? projectId} · {[strategy, role, model].filter(Boolean).join(' · ')} ·
        since {dateAndTime(startedAt)}
        {completedAt !== null && `, ended ${dateAndTime(completedAt)}`} · <code>{id}</code>
      </p>
      <Answer session={whole} />
      <Actions session={whole} state={state} />
      <div className="columns">
        <div>
          <section aria-label="Tasks">
            <h2>Tasks</h2>
            <ul className="plain">
              {taskIds.map((taskId) => (
                <li key={taskId}>
                  {tasks.get(taskId)?.title ?? taskId}{' '}
                  <span className="small">{tasks.get(taskId)?.status.replace('_', ' ')}</span>
                </li>
              ))}
              {taskIds.length === 0 && <li className="empty">It has no tasks.</li>}
            </ul>
          </section>
          {queue && <QueueItems session={whole} queue={queue} now={now} />}
          <Timeline entries={whole.timeline} />
        </div>
        <div>
          <section aria-label="Statechart">
            <h2>Where it stands</h2>
            <StateChart id={state.machine} standing={state} history={state.history} />
          </section>
          <Way history={state.history} startedAt={startedAt} />
          {state.queue && (
            <section aria-label="Statechart of its queue">
              <h2>Its queue</h2>
              <StateChart id={state.queue.machine} standing={state.queue} history={[]} />
            </section>
          )}
          <Commands session={whole} state={state} />
          {whole.manifestPath !== undefined && <Manifest id={id} />}
        </div>
      </div>
    </>
  );
}
