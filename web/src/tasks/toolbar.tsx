// What of the tasks is looked at, and how.
import type { ReactNode } from 'react';
import type { Project } from '../live/api.ts';
import type { Choice, Choose } from './choice.ts';

export interface ToolbarProps {
  choice: Choice;
  choose: Choose;
  projects: readonly Project[];
  /** Of tasks that are shown. */
  count: number;
  onNewTask: () => void;
  onNewProject: () => void;
  /** null where there is nothing to fold. */
  onFoldAll: ((isFolded: boolean) => void) | null;
}

export function Toolbar({
  choice,
  choose,
  projects,
  count,
  onNewTask,
  onNewProject,
  onFoldAll,
}: ToolbarProps) {
  const { view, project, words, hidesClosed } = choice;
  const isKnown = project === '' || projects.some(({ id }) => id === project);
  return (
    <>
      <div className="bar-of-view">
        <h1>Tasks</h1>
        <div role="group" aria-label="Shown as" className="toggle">
          <Toggle isOn={view === 'tree'} onClick={() => choose({ view: 'tree' })}>
            Tree
          </Toggle>
          <Toggle isOn={view === 'board'} onClick={() => choose({ view: 'board' })}>
            Board
          </Toggle>
        </div>
        <button type="button" className="first" disabled={projects.length === 0} onClick={onNewTask}>
          New task…
        </button>
        <input
          type="search"
          aria-label="Search tasks"
          placeholder="Search by title, description, id"
          value={words}
          onChange={(event) => choose({ words: event.target.value })}
        />
      </div>
      <div className="line tools">
        <select
          aria-label="Project"
          value={project}
          onChange={(event) => choose({ project: event.target.value })}
        >
          <option value="">All projects</option>
          {!isKnown && <option value={project}>a project that is not there</option>}
          {projects.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" onClick={onNewProject}>
          New project…
        </button>
        {view === 'tree' && (
          <label>
            <input
              type="checkbox"
              checked={hidesClosed}
              onChange={(event) => choose({ hidesClosed: event.target.checked })}
            />{' '}
            Hide completed and cancelled
          </label>
        )}
        <span role="status" className="small">
          {count} shown
        </span>
        {onFoldAll && (
          <span className="line">
            <button type="button" className="quiet" onClick={() => onFoldAll(true)}>
              Fold all
            </button>
            <button type="button" className="quiet" onClick={() => onFoldAll(false)}>
              Unfold all
            </button>
          </span>
        )}
      </div>
    </>
  );
}

function Toggle({ isOn, onClick, children }: { isOn: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" aria-pressed={isOn} onClick={onClick}>
      {children}
    </button>
  );
}
