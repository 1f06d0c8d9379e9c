// A task on the board.
import type { Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { Marks } from './marks.tsx';
import { Move, type Mover } from './move.tsx';
import { SessionsOf } from './sessions-of.tsx';

/** The type of what is dragged. */
export const dragged = 'application/x-maestro-task';

export interface CardContext extends Mover {
  selected: ReadonlySet<string>;
  showsProjects: boolean;
  edit: (task: Task) => void;
  select: (id: string) => void;
}

export function TaskCard({ task, context }: { task: Task; context: CardContext }) {
  const { selected, showsProjects, edit, select } = context;
  const { tasks, projects } = useTheWorld();
  const { id, title, parentId, projectId } = task;
  const parent = parentId === null ? undefined : tasks.get(parentId);
  return (
    <article
      className={`task-card ${task.priority} ${selected.has(id) ? 'selected' : ''}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(dragged, id)}
    >
      <div className="line">
        <input
          type="checkbox"
          aria-label={`Select ${title}`}
          checked={selected.has(id)}
          onChange={() => select(id)}
        />
        <button type="button" className="quiet title" onClick={() => edit(task)}>
          {title}
        </button>
      </div>
      {parent && <p className="small">below {parent.title}</p>}
      <div className="line">
        <Marks task={task} />
        {showsProjects && <span className="small">{projects.get(projectId)?.name}</span>}
        <SessionsOf task={task} />
        <Move task={task} mover={context} />
      </div>
    </article>
  );
}
