// A row of the tree. What can be done in it is reached by Tab from the row that is active, and from no other.
import { useId } from 'react';
import type { Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import type { Branch } from './branches.ts';
import { Marks, StatusBadge } from './marks.tsx';
import { SessionsOf } from './sessions-of.tsx';
import { isClosed } from './words.ts';

export interface Acts {
  edit: (task: Task) => void;
  addBelow: (task: Task) => void;
  /** Or no longer. */
  select: (id: string) => void;
}

export interface TreeItemProps {
  branch: Branch;
  isActive: boolean;
  isSelected: boolean;
  showsProject: boolean;
  acts: Acts;
  onFold: (isFolded: boolean) => void;
  onFocus: () => void;
  onKeyDown: (event: React.KeyboardEvent) => void;
}

export function TreeItem(props: TreeItemProps) {
  const { branch, isActive, isSelected, showsProject, acts, onFold, onFocus, onKeyDown } = props;
  const { task, level, place, siblings, isFolded, isOnlyOnTheWay } = branch;
  const { projects } = useTheWorld();
  const id = useId();
  const tabIndex = isActive ? 0 : -1;
  return (
    <div
      role="treeitem"
      tabIndex={tabIndex}
      aria-labelledby={`${id}title ${id}status`}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-expanded={isFolded === null ? undefined : !isFolded}
      aria-selected={isSelected}
      className={`branch ${isOnlyOnTheWay ? 'on-the-way' : ''} ${isClosed(task) ? 'closed' : ''}`}
      style={{ '--level': level - 1 } as React.CSSProperties}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      {isFolded === null ? (
        <span className="twig" />
      ) : (
        <button
          type="button"
          className="quiet twig"
          tabIndex={-1}
          aria-label={`${isFolded ? 'Unfold' : 'Fold'} ${task.title}`}
          onClick={() => onFold(!isFolded)}
        >
          {isFolded ? '▸' : '▾'}
        </button>
      )}
      <input
        type="checkbox"
        tabIndex={tabIndex}
        aria-label={`Select ${task.title}`}
        checked={isSelected}
        onChange={() => acts.select(task.id)}
      />
      <div className="about">
        <button
          type="button"
          id={`${id}title`}
          className="quiet title"
          tabIndex={tabIndex}
          onClick={() => acts.edit(task)}
        >
          {task.title}
        </button>
        <StatusBadge id={`${id}status`} status={task.status} />
        <Marks task={task} />
        {showsProject && <span className="small">{projects.get(task.projectId)?.name}</span>}
        <SessionsOf task={task} tabIndex={tabIndex} />
      </div>
      <button
        type="button"
        className="quiet add"
        tabIndex={tabIndex}
        aria-label={`Add a task below ${task.title}`}
        title="Add a task below"
        onClick={() => acts.addBelow(task)}
      >
        +
      </button>
    </div>
  );
}
