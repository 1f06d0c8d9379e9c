// The address holds what is looked at: `#/tasks?view=board`. The path chooses the view; the query behind it is that
// view's own, so that a link and a reload show the same. (wouter's own hash hook puts the query before the `#`, where
// it would go to the server and stay when the view changes.)
import { useCallback, useMemo, useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

const parts = (): [path: string, query: string] => {
  const [path = '', query = ''] = location.hash.replace(/^#?\/?/, '').split('?', 2);
  return [`/${path}`, query];
};

function goTo(to: string, { replace = false }: { replace?: boolean } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', `#${to}`);
  // Neither of the two tells it by itself.
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** For wouter: the path without the query. */
export const useHashPath = (): [string, typeof goTo] => [
  useSyncExternalStore(subscribe, () => parts()[0]),
  goTo,
];
useHashPath.hrefs = (href: string): string => `#${href}`;

/** The query, and how to change it; what is `null` is left out of it. */
export function useHashQuery(): [URLSearchParams, (changes: Record<string, string | null>) => void] {
  const query = useSyncExternalStore(subscribe, () => parts()[1]);
  const change = useCallback((changes: Record<string, string | null>): void => {
    const [path, present] = parts();
    const next = new URLSearchParams(present);
    for (const [name, value] of Object.entries(changes))
      if (value === null) next.delete(name);
      else next.set(name, value);
    goTo(next.size > 0 ? `${path}?${next}` : path, { replace: true });
  }, []);
  return [useMemo(() => new URLSearchParams(query), [query]), change];
}
