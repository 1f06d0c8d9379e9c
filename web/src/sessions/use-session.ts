// One session, whole, for as long as it is looked at: read once, then kept by facts. Where its machines stand is asked
// again after each fact of it: the server knows what is possible, the page does not guess.
import { useEffect, useState } from 'react';
import { at, get, type Queue, type SessionState, type TimelineEntry, type Whole } from '../live/api.ts';
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
      else setOpened((present) => present && after(present, fact));
      clearTimeout(asking);
      asking = setTimeout(() => void askAgain().catch(fail), SOON_MS);
    });
    const read = async (): Promise<void> => {
      const [whole, state] = await Promise.all([
        get<Whole>(at('sessions', id)),
        get<SessionState>(at('sessions', id, 'state')),
      ]);
      const queue = state.queue ? (await get<{ queue: Queue }>(at('sessions', id, 'queue'))).queue : null;
      if (isOver) return;
      setOpened((early ?? []).reduce(after, { whole, state, queue }));
      early = null;
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

function after(opened: Opened, { type, data }: Fact): Opened {
  if (type === 'queue:created' || type === 'queue:updated')
    return { ...opened, queue: (data as { queue: Queue }).queue };
  if (type === 'session:spawn') return { ...opened, whole: (data as { session: Whole }).session };
  if (type !== 'session:updated') return opened;
  const { changes, appended } = data as SessionChange;
  const timeline = withNew(opened.whole.timeline, appended?.timeline ?? []);
  return { ...opened, whole: { ...opened.whole, ...changes, timeline } };
}

function withNew(timeline: TimelineEntry[], added: TimelineEntry[]): TimelineEntry[] {
  const last = new Set(timeline.slice(-added.length - 50).map(({ id }) => id));
  return [...timeline, ...added.filter(({ id }) => !last.has(id))];
}
