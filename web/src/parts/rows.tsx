// A long list of which only what is seen is in the document.
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';

export interface RowsProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** Pixels; what is drawn is measured. */
  estimate: number;
  children: (item: T, index: number) => ReactNode;
}

/** Scrolls with the window. Each row says which of how many it is, since the others are not there to be counted. */
export function Rows<T>({ label, items, keyOf, estimate, children }: RowsProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [items.length]);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => estimate,
    getItemKey: (index) => keyOf(items[index] as T),
    overscan: 6,
    scrollMargin: top,
  });
  return (
    <div
      ref={list}
      role="list"
      aria-label={label}
      className="rows"
      style={{ height: virtual.getTotalSize() }}
    >
      {virtual.getVirtualItems().map(({ index, key, start }) => (
        <div
          key={key}
          ref={virtual.measureElement}
          data-index={index}
          role="listitem"
          aria-posinset={index + 1}
          aria-setsize={items.length}
          className="row"
          style={{ transform: `translateY(${start - top}px)` }}
        >
          {children(items[index] as T, index)}
        </div>
      ))}
    </div>
  );
}
