// The frame around the views: where one can go, and whether what is shown is true.
import { useEffect } from 'react';
import { Link, Route, Router, Switch, useLocation } from 'wouter';
import { FactsView } from './facts/facts.tsx';
import { useConnection, useRetry, useWorld } from './live/use.ts';
import { MachinesView } from './machines/machines.tsx';
import { useHashPath } from './parts/address.ts';
import { timeOfDay } from './parts/time.ts';
import { Board } from './sessions/board.tsx';
import { SessionView } from './sessions/session.tsx';
import { TasksView } from './tasks/tasks.tsx';

const places = [
  ['/', 'Sessions'],
  ['/tasks', 'Tasks'],
  ['/facts', 'Facts'],
  ['/machines', 'Machines'],
] as const;

export function App() {
  const connection = useConnection();
  return (
    <Router hook={useHashPath}>
      <a className="skip" href="#main" onClick={focusMain}>
        Skip to the content
      </a>
      <header className="top">
        <Link href="/" className="brand">
          Maestro
        </Link>
        <nav aria-label="Views">
          {places.map(([path, name]) => (
            <Place key={path} path={path} name={name} />
          ))}
        </nav>
        <ConnectionNote />
      </header>
      <main id="main" tabIndex={-1} className={connection.is === 'live' ? undefined : 'stale'}>
        <Switch>
          <Route path="/" component={Board} />
          <Route path="/sessions/:id">{({ id }) => <SessionView key={id} id={id} />}</Route>
          <Route path="/tasks" component={TasksView} />
          <Route path="/facts" component={FactsView} />
          <Route path="/machines" component={MachinesView} />
          <Route>
            <p className="empty">
              There is nothing here. <Link href="/">To the sessions</Link>
            </p>
          </Route>
        </Switch>
      </main>
    </Router>
  );
}

/** The address holds the view, so the link to the content must not change it. */
function focusMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Place({ path, name }: { path: string; name: string }) {
  const [location] = useLocation();
  const isHere = path === '/' ? location === '/' || location.startsWith('/sessions') : location === path;
  return (
    <Link href={path} aria-current={isHere ? 'page' : undefined}>
      {name}
    </Link>
  );
}

/** Also in the window's title: how many wait for a person. */
function ConnectionNote() {
  const connection = useConnection();
  const retry = useRetry();
  const waiting = useWorld(
    (world) => [...world.sessions.values()].filter((session) => session.needsInput?.active).length,
  );
  useEffect(() => {
    const mark = connection.is === 'lost' ? '⚠ ' : waiting > 0 ? `(${waiting}) ` : '';
    document.title = `${mark}Maestro`;
  }, [connection.is, waiting]);
  return (
    <div role="status" className={`connection ${connection.is}`}>
      {connection.is === 'live' && <span>live</span>}
      {connection.is === 'reading' && <span>reading…</span>}
      {connection.is === 'lost' && (
        <>
          <span>not connected: this is how it was at {timeOfDay(connection.at)}</span>
          <button type="button" onClick={retry}>
            Try now
          </button>
        </>
      )}
    </div>
  );
}
