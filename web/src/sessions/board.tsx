// All sessions: first what needs a person, then what goes on, and folded away what has ended.
import { useState } from 'react';
import { get, type Summary } from '../live/api.ts';
import { useConnection, useNow, useTheWorld, useWorld } from '../live/use.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';
import { Rows } from '../parts/rows.tsx';
import { Card } from './card.tsx';
import { hasEnded, urgency } from './state.ts';

export function Board() {
  const now = useNow();
  const [words, setWords] = useState('');
  const { is } = useConnection();
  const { urgent, living, ended } = useWorld((world) => sorted(world.sessions, world.projects, words, now));
  const isEmpty = urgent.length + living.length === 0;
  return (
    <>
      <div className="bar-of-view">
        <h1>Sessions</h1>
        <input
          type="search"
          aria-label="Search sessions"
          placeholder="Search by name, project, id"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {isEmpty && is === 'live' && words === '' && <Beginning />}
      <Section title="Needs you" sessions={urgent} now={now} />
      <Section title="At work" sessions={living} now={now} />
      <Ended sessions={ended} now={now} words={words} />
    </>
  );
}

function Section({ title, sessions, now }: { title: string; sessions: Summary[]; now: number }) {
  if (sessions.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2>
        {title} <span className="count">{sessions.length}</span>
      </h2>
      <Rows label={title} items={sessions} keyOf={({ id }) => id} estimate={108}>
        {(session) => <Card session={session} now={now} />}
      </Rows>
    </section>
  );
}

/** Read when it is unfolded: there may be many. */
function Ended({ sessions, now, words }: { sessions: Summary[]; now: number; words: string }) {
  const world = useTheWorld();
  const [isOpen, setOpen] = useState(false);
  const { isUnderWay, refusal, ask } = useAsk();
  const unfold = async (): Promise<void> => {
    setOpen(!isOpen);
    if (isOpen) return;
    await ask(async () => {
      for (const status of ['completed', 'stopped'])
        world.addSessions(await get<Summary[]>(`api/sessions?view=summary&status=${status}`));
    });
  };
  return (
    <section aria-label="Ended">
      <h2>
        <button type="button" className="fold" aria-expanded={isOpen} onClick={() => void unfold()}>
          Ended {isOpen && <span className="count">{sessions.length}</span>}
        </button>
      </h2>
      <RefusalNote refusal={refusal} />
      {isOpen && isUnderWay && <p role="status">reading…</p>}
      {isOpen && !isUnderWay && sessions.length === 0 && (
        <p className="empty">
          {words === '' ? 'None has ended yet.' : 'None of those that have ended is like that.'}
        </p>
      )}
      {isOpen && (
        <Rows label="Ended" items={sessions} keyOf={({ id }) => id} estimate={108}>
          {(session) => <Card session={session} now={now} />}
        </Rows>
      )}
    </section>
  );
}

function Beginning() {
  return (
    <p className="empty">
      No session is live. Make tasks under <a href="#/tasks">Tasks</a>, select some and spawn a session on
      them; run <code>maestro host</code> in a terminal, which starts its agent.
    </p>
  );
}

interface Sorted {
  urgent: Summary[];
  living: Summary[];
  ended: Summary[];
}

function sorted(
  sessions: ReadonlyMap<string, Summary>,
  projects: ReadonlyMap<string, { name: string }>,
  words: string,
  now: number,
): Sorted {
  const wanted = words.toLowerCase();
  const fits = ({ id, name, projectId }: Summary): boolean =>
    wanted === '' ||
    [id, name, projects.get(projectId)?.name ?? ''].some((text) => text.toLowerCase().includes(wanted));
  const lists: Sorted = { urgent: [], living: [], ended: [] };
  for (const session of sessions.values()) {
    if (!fits(session)) continue;
    if (urgency(session, now) > 0) lists.urgent.push(session);
    else lists[hasEnded(session) ? 'ended' : 'living'].push(session);
  }
  lists.urgent.sort((a, b) => urgency(b, now) - urgency(a, now) || a.since - b.since);
  lists.living.sort((a, b) => a.startedAt - b.startedAt);
  lists.ended.sort((a, b) => (b.completedAt ?? 0) - (a.completedAt ?? 0));
  return lists;
}
