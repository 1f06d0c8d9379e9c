// A column of the board. It scrolls in itself; of its cards only those that are seen are in the document.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { Task } from '../live/api.ts';
import { dragged, TaskCard, type CardContext } from './card.tsx';

export interface ColumnProps {
  label: string;
  tasks: readonly Task[];
  context: CardContext;
  onDrop: (taskId: string) => void;
}

export function Column({ label, tasks, context, onDrop }: ColumnProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isOver, setOver] = useState(false);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing of it is handed on
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 92,
    getItemKey: (index) => tasks[index]?.id ?? index,
    overscan: 4,
  });
  const { following } = context;
  useEffect(() => {
    if (following.size === 0) return;
    // In the document, it takes the focus (move.tsx).
    const index = tasks.findIndex(({ id }) => following.has(id));
    if (index >= 0) virtual.scrollToIndex(index);
  }, [tasks, following, virtual]);
  const drop = (event: React.DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const id = event.dataTransfer.getData(dragged);
    if (id !== '') onDrop(id);
  };
  return (
    <section
      aria-label={label}
      className={`column ${isOver ? 'over' : ''}`}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(dragged)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h2>
        {label} <span className="count">{tasks.length}</span>
      </h2>
      <div ref={scroller} className="scroller">
        <div role="list" aria-label={label} className="rows" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const task = tasks[index];
            if (!task) return null;
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                role="listitem"
                aria-posinset={index + 1}
                aria-setsize={tasks.length}
                className="row"
                style={{ transform: `translateY(${start}px)` }}
              >
                <TaskCard task={task} context={context} />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}
