// Tasks that are selected, in the order in which they were; and what can be done with them.
import { useMemo } from 'react';
import type { Task } from '../live/api.ts';
import { useKept } from '../parts/kept.ts';

export interface Selection {
  ids: ReadonlySet<string>;
  /** Or no longer. */
  select: (id: string) => void;
  keepOnly: (ids: readonly string[]) => void;
}

export function useSelection(): Selection {
  const [ids, setIds] = useKept<ReadonlySet<string>>('selected tasks', new Set());
  const select = (id: string): void => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  return useMemo(
    () => ({ ids, select, keepOnly: (kept) => setIds(new Set(kept)) }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- both change with `ids` only
    [ids],
  );
}

/** A task that was deleted meanwhile is selected no more. */
export const selectedOf = (tasks: ReadonlyMap<string, Task>, { ids }: Selection): Task[] =>
  [...ids].flatMap((id) => tasks.get(id) ?? []);

export interface SelectionBarProps {
  count: number;
  onSpawn: () => void;
  onClear: () => void;
}

export function SelectionBar({ count, onSpawn, onClear }: SelectionBarProps) {
  return (
    <section aria-label="Selected tasks" className={`selection ${count === 0 ? 'none' : ''}`}>
      <span role="status">{count > 0 && `${count} selected`}</span>
      {count > 0 && (
        <>
          <button type="button" className="first" onClick={onSpawn}>
            Spawn a session…
          </button>
          <button type="button" onClick={onClear}>
            Clear
          </button>
        </>
      )}
    </section>
  );
}
