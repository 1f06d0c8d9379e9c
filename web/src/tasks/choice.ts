// What of the tasks is looked at, and how. It stands in the address.
import { useEffect, useState } from 'react';
import { useHashQuery } from '../parts/address.ts';

export interface Choice {
  view: 'tree' | 'board';
  /** Its id; `''` for all. */
  project: string;
  words: string;
  /** In the tree. */
  hidesClosed: boolean;
}

export type Choose = (change: Partial<Choice>) => void;

/** Browsers bear only so many changes of the address in a time, and typing is quick. */
const TYPING_MS = 300;

export function useChoice(): [Choice, Choose] {
  const [query, changeQuery] = useHashQuery();
  /** Not in the address yet. */
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => {
    if (typed === null) return;
    const waiting = setTimeout(() => {
      changeQuery({ words: typed === '' ? null : typed });
      setTyped(null);
    }, TYPING_MS);
    return () => clearTimeout(waiting);
  }, [typed, changeQuery]);
  const choose: Choose = ({ view, project, words, hidesClosed }) => {
    if (words !== undefined) setTyped(words);
    const changes = {
      ...(view !== undefined && { view: view === 'tree' ? null : view }),
      ...(project !== undefined && { project: project === '' ? null : project }),
      ...(hidesClosed !== undefined && { closed: hidesClosed ? 'hidden' : null }),
    };
    if (Object.keys(changes).length > 0) changeQuery(changes);
  };
  const choice: Choice = {
    view: query.get('view') === 'board' ? 'board' : 'tree',
    project: query.get('project') ?? '',
    words: typed ?? query.get('words') ?? '',
    hidesClosed: query.get('closed') === 'hidden',
  };
  return [choice, choose];
}
