// Moves a task to another column, by buttons: a select would take each column on the way when the arrow keys go
// through it.
import { useEffect, useRef, useState } from 'react';
import type { Task } from '../live/api.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';
import { statuses, statusWords, type Status } from './words.ts';

export interface Mover {
  /** @throws what the server refuses. */
  move: (task: Task, status: Status) => Promise<void>;
  /** Ids of cards that take the focus where they arrive. */
  following: Set<string>;
}

export function Move({ task, mover: { move, following } }: { task: Task; mover: Mover }) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { isUnderWay, refusal, ask } = useAsk();
  useEffect(() => {
    // Whoever went on to something else meanwhile is left there.
    if (following.delete(task.id) && document.activeElement === document.body) opener.current?.focus();
  }, [following, task.id]);
  const leave = (event: React.KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <div className="move" onKeyDown={leave}>
      <button
        ref={opener}
        type="button"
        className="quiet"
        aria-expanded={isOpen}
        aria-label={`Move ${task.title}, now ${statusWords[task.status]}`}
        onClick={() => setOpen(!isOpen)}
      >
        move…
      </button>
      {isOpen && (
        <div role="group" aria-label={`Move ${task.title} to`} className="line">
          {statuses
            .filter((status) => status !== task.status)
            .map((status) => (
              <button
                key={status}
                type="button"
                aria-disabled={isUnderWay}
                onClick={() => !isUnderWay && void ask(() => move(task, status))}
              >
                {statusWords[status]}
              </button>
            ))}
        </div>
      )}
      <RefusalNote refusal={refusal} />
    </div>
  );
}
