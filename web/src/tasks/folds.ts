// What is folded in the tree. A search begins unfolded, with folds of its own: what was found is to be seen.
import { useState } from 'react';
import { useTheWorld } from '../live/use.ts';
import { useKept } from '../parts/kept.ts';

export interface Folds {
  ids: ReadonlySet<string>;
  fold: (id: string, isFolded: boolean) => void;
  foldAll: (isFolded: boolean) => void;
}

const none: ReadonlySet<string> = new Set();

export function useFolds(words: string): Folds {
  const { tasks } = useTheWorld();
  const [kept, setKept] = useKept('folded tasks', none);
  const [ofSearch, setOfSearch] = useState({ words, ids: none });
  const isSearch = words !== '';
  const ids = !isSearch ? kept : ofSearch.words === words ? ofSearch.ids : none;
  const setIds = (next: ReadonlySet<string>): void => {
    if (isSearch) setOfSearch({ words, ids: next });
    else setKept(next);
  };
  return {
    ids,
    fold: (id, isFolded) => {
      const next = new Set(ids);
      if (isFolded) next.add(id);
      else next.delete(id);
      setIds(next);
    },
    foldAll: (isFolded) =>
      setIds(isFolded ? new Set([...tasks.values()].flatMap(({ parentId }) => parentId ?? [])) : none),
  };
}
