// The stream of facts as it comes, newest first, each with its data.
import { useState } from 'react';
import { useTheWorld, useWorld } from '../live/use.ts';
import type { Fact, World } from '../live/world.ts';
import { Rows } from '../parts/rows.tsx';
import { dateAndTime, timeOfDay } from '../parts/time.ts';

const kinds = ['project', 'task', 'session', 'queue', 'template'] as const;

export function FactsView() {
  const [kind, setKind] = useState('');
  const [words, setWords] = useState('');
  /** While it is paused nothing moves under the reader's eyes. */
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const all = useWorld(({ facts }) => facts.filter(({ seq }) => pausedAt === null || seq <= pausedAt));
  const newest = useWorld(({ seq }) => seq);
  const shown = all.filter((fact) => fact.type.startsWith(kind) && isLike(fact, words)).toReversed();
  return (
    <>
      <div className="bar-of-view">
        <h1>Facts</h1>
        <label>
          Kind{' '}
          <select value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">all</option>
            {kinds.map((each) => (
              <option key={each} value={`${each}:`}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          aria-pressed={pausedAt !== null}
          onClick={() => setPausedAt(pausedAt === null ? newest : null)}
        >
          {pausedAt === null ? 'Pause' : `Go on (${newest - pausedAt} more)`}
        </button>
        <input
          type="search"
          aria-label="Search facts"
          placeholder="Search in type and data"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {shown.length === 0 && (
        <p className="empty">
          {all.length === 0
            ? 'Nothing has become true since this page was opened.'
            : 'No fact since this page was opened is like that.'}
        </p>
      )}
      <Rows label="Facts, newest first" items={shown} keyOf={({ seq }) => String(seq)} estimate={32}>
        {(fact) => <FactLine fact={fact} />}
      </Rows>
    </>
  );
}

function FactLine({ fact: { type, data, timestamp, seq } }: { fact: Fact }) {
  const [isOpen, setOpen] = useState(false);
  const world = useTheWorld();
  return (
    <div className="fact-line">
      <button type="button" className="fact" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <time dateTime={new Date(timestamp).toISOString()} title={dateAndTime(timestamp)}>
          {timeOfDay(timestamp)}
        </time>
        <code>{seq}</code>
        <span>{type}</span>
        <span className="small">{gist(data, world)}</span>
      </button>
      {isOpen && (
        <pre tabIndex={0} aria-label={`Data of fact ${seq}`}>
          {JSON.stringify(data, null, 2)}
        </pre>
      )}
    </div>
  );
}

interface Known {
  title?: string;
  name?: string;
  id?: string;
  sessionId?: string;
  taskId?: string;
  changes?: Record<string, unknown>;
  appended?: { timeline?: { message?: string; type: string }[] };
}

/** In one line what a person would want to know first; sessions and tasks by their names, where they are known. */
function gist(data: unknown, { sessions, tasks }: World): string {
  const called = (about: string | undefined): string | undefined =>
    about && (sessions.get(about)?.name ?? tasks.get(about)?.title ?? about);
  const { title, name, id, sessionId, taskId, changes, appended } = data as Known;
  const said = appended?.timeline?.map(({ message, type }) => message ?? type) ?? [];
  const changed = Object.entries(changes ?? {})
    .filter(([field]) => field !== 'lastActivity')
    .map(([field, value]) => (typeof value === 'string' ? `${field}: ${value}` : field));
  return [title ?? name ?? called(id), called(sessionId), called(taskId), ...changed, ...said]
    .filter(Boolean)
    .join(' · ');
}

const isLike = ({ type, data }: Fact, words: string): boolean =>
  words === '' || `${type} ${JSON.stringify(data)}`.toLowerCase().includes(words.toLowerCase());
