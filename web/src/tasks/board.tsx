// The tasks by their status, a column for each.
import { useState } from 'react';
import { at, patch, type Task } from '../live/api.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';
import { Column } from './column.tsx';
import type { CardContext } from './card.tsx';
import type { Fits } from './fitting.ts';
import type { Mover } from './move.tsx';
import { priorities, statuses, statusWords, type Status } from './words.ts';

export type Columns = Readonly<Record<Status, readonly Task[]>>;

export function TaskBoard({
  columns,
  context,
}: {
  columns: Columns;
  context: Omit<CardContext, keyof Mover>;
}) {
  const { refusal, ask } = useAsk();
  /** Ids of cards that are on the move: where one arrives, it takes the focus. */
  const [following] = useState(() => new Set<string>());
  const move: Mover['move'] = async (task, status) => {
    following.add(task.id);
    try {
      await patch(at('tasks', task.id), { status });
    } catch (error) {
      following.delete(task.id);
      throw error;
    }
  };
  return (
    <>
      <RefusalNote refusal={refusal} />
      <div className="task-board">
        {statuses.map((status) => (
          <Column
            key={status}
            label={statusWords[status]}
            tasks={columns[status]}
            context={{ ...context, move, following }}
            onDrop={(id) => void ask(() => patch(at('tasks', id), { status }))}
          />
        ))}
      </div>
    </>
  );
}

/** Each column by priority, then oldest first. @param project its id; `''` for all. */
export function columnsOf(tasks: Iterable<Task>, project: string, fits: Fits | null): Columns {
  const byPriority = Object.fromEntries(
    statuses.map((status) => [status, priorities.map((): Task[] => [])]),
  ) as Record<Status, Task[][]>;
  for (const task of tasks)
    if ((project === '' || task.projectId === project) && (!fits || fits(task)))
      byPriority[task.status][priorities.indexOf(task.priority)]?.push(task);
  return Object.fromEntries(statuses.map((status) => [status, byPriority[status].flat()])) as Record<
    Status,
    Task[]
  >;
}
