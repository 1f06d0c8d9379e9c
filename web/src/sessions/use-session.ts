// One session, whole, for as long as it is looked at: read once, then kept by facts. Where its machines stand is asked
// again after each fact of it: the server knows what is possible, the page does not guess.
import { useEffect, useState } from 'react';
import { at, get, type Queue, type SessionState, type Whole } from '../live/api.ts';
import { useConnection, useTheWorld } from '../live/use.ts';
import type { Fact, SessionChange } from '../live/world.ts';

export interface Opened {
  whole: Whole;
  state: SessionState;
  queue: Queue | null;
}

/** Facts of a moment lead to one question. */
const SOON_MS = 60;

export function useSession(id: string): { opened: Opened | null; failure: Error | null } {
  const world = useTheWorld();
  const isLive = useConnection().is === 'live';
  const [opened, setOpened] = useState<Opened | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);

  useEffect(() => {
    if (!isLive) return;
    let isOver = false;
    /** What came while it was being read may be newer than what was read. */
    let early: Fact[] | null = [];
    let asking: ReturnType<typeof setTimeout> | undefined;
    const fail = (error: unknown): void => {
      if (!isOver) setFailure(error instanceof Error ? error : new Error(String(error)));
    };
    const askAgain = async (): Promise<void> => {
      const state = await get<SessionState>(at('sessions', id, 'state'));
      if (!isOver) setOpened((present) => present && { ...present, state });
    };
    const stopListening = world.onFact((fact) => {
      if (!isAbout(fact, id)) return;
      if (early) early.push(fact);
      else setOpened((present) => present && takeIn(present, fact));
      clearTimeout(asking);
      asking = setTimeout(() => void askAgain().catch(fail), SOON_MS);
    });
    /** Where entries were missed it is read anew; until then it is shown as it was. */
    const takeIn = (present: Opened, fact: Fact): Opened => {
      const next = after(present, fact);
      if (next) return next;
      if (!early) {
        early = [];
        read().catch(fail);
      }
      return present;
    };
    const read = async (): Promise<void> => {
      const [whole, state] = await Promise.all([
        get<Whole>(at('sessions', id)),
        get<SessionState>(at('sessions', id, 'state')),
      ]);
      const queue = state.queue ? (await get<{ queue: Queue }>(at('sessions', id, 'queue'))).queue : null;
      if (isOver) return;
      const heard = early ?? [];
      early = null;
      // What was heard meanwhile stands behind what was read, or is in it.
      setOpened(heard.reduce((present, fact) => after(present, fact) ?? present, { whole, state, queue }));
      setFailure(null);
    };
    read().catch(fail);
    return () => {
      isOver = true;
      clearTimeout(asking);
      stopListening();
    };
  }, [id, isLive, world]);

  return { opened, failure };
}

function isAbout({ data }: Fact, id: string): boolean {
  const about = data as { id?: string; sessionId?: string; session?: { id: string } };
  return about.id === id || about.sessionId === id || about.session?.id === id;
}

/** @returns null where entries were missed. */
function after(opened: Opened, { type, data }: Fact): Opened | null {
  if (type === 'queue:created' || type === 'queue:updated')
    return { ...opened, queue: (data as { queue: Queue }).queue };
  if (type === 'session:spawn') return { ...opened, whole: (data as { session: Whole }).session };
  if (type !== 'session:updated') return opened;
  const { changes, appended, appendedAt } = data as SessionChange;
  const { timeline } = opened.whole;
  const at = appendedAt?.timeline ?? timeline.length;
  if (at > timeline.length) return null;
  const added = (appended?.timeline ?? []).slice(timeline.length - at);
  return { ...opened, whole: { ...opened.whole, ...changes, timeline: [...timeline, ...added] } };
}
