// The tree: one stop of the Tab key, and inside it the arrow keys. Of its rows only those that are seen are in the
// document, and the active one, so that the focus is never lost by scrolling.
import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { Branch } from './branches.ts';
import { TreeItem, type Acts } from './tree-item.tsx';
import { moveFor } from './tree-keys.ts';

export interface TreeProps {
  branches: readonly Branch[];
  selected: ReadonlySet<string>;
  showsProjects: boolean;
  fold: (id: string, isFolded: boolean) => void;
  acts: Acts;
}

export function Tree({ branches, selected, showsProjects, fold, acts }: TreeProps) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [last, setLast] = useState<{ id: string; index: number } | null>(null);
  const wantsFocus = useRef(false);
  const active = placeOf(branches, last);

  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [branches.length]);
  const withActive = useCallback(
    (range: Range): number[] => {
      const seen = defaultRangeExtractor(range);
      return seen.includes(active) || active >= range.count ? seen : [...seen, active].sort((a, b) => a - b);
    },
    [active],
  );
  const virtual = useWindowVirtualizer({
    count: branches.length,
    estimateSize: () => 40,
    getItemKey: (index) => branches[index]?.task.id ?? index,
    overscan: 6,
    scrollMargin: top,
    // What lies above and below the list and hides what is under it.
    scrollPaddingStart: 100,
    scrollPaddingEnd: 80,
    rangeExtractor: withActive,
  });
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    list.current
      ?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')
      ?.focus({ preventScroll: true });
  });

  const goTo = (index: number): void => {
    const branch = branches[index];
    if (!branch) return;
    wantsFocus.current = true;
    setLast({ id: branch.task.id, index });
    virtual.scrollToIndex(index);
  };
  const press = (event: React.KeyboardEvent, index: number): void => {
    const branch = branches[index];
    if (!branch || event.ctrlKey || event.altKey || event.metaKey) return;
    // Inside a row, its buttons have their own keys; Escape leads back to the row.
    const isOnRow = (event.target as HTMLElement).role === 'treeitem';
    if (!isOnRow && event.key === 'Escape') goTo(index);
    if (!isOnRow) return;
    const move = moveFor(event.key, branches, index);
    if (!move) return;
    event.preventDefault();
    if (move.does === 'go') goTo(move.to);
    if (move.does === 'fold') fold(branch.task.id, move.isFolded);
    if (move.does === 'select') acts.select(branch.task.id);
    if (move.does === 'open') acts.edit(branch.task);
  };

  return (
    <div
      ref={list}
      role="tree"
      aria-label="Tasks"
      aria-multiselectable="true"
      className="rows tree"
      style={{ height: virtual.getTotalSize() }}
    >
      {virtual.getVirtualItems().map(({ index, key, start }) => {
        const branch = branches[index];
        if (!branch) return null;
        return (
          <div
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            className="row"
            style={{ transform: `translateY(${start - top}px)` }}
          >
            <TreeItem
              branch={branch}
              isActive={index === active}
              isSelected={selected.has(branch.task.id)}
              showsProject={showsProjects && branch.level === 1}
              acts={acts}
              onFold={(isFolded) => fold(branch.task.id, isFolded)}
              onFocus={() => setLast({ id: branch.task.id, index })}
              onKeyDown={(event) => press(event, index)}
            />
          </div>
        );
      })}
    </div>
  );
}

/** Where the one is now that was active; where that is gone, the one in its place. */
function placeOf(branches: readonly Branch[], last: { id: string; index: number } | null): number {
  if (!last) return 0;
  if (branches[last.index]?.task.id === last.id) return last.index;
  const found = branches.findIndex(({ task }) => task.id === last.id);
  return found >= 0 ? found : Math.max(0, Math.min(last.index, branches.length - 1));
}
