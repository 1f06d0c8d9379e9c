// How components look at the world, and at the connection to it.
import { useSelector } from '@xstate/react';
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { ActorRefFrom } from 'xstate';
import type { connectionMachine } from './connection.machine.ts';
import type { World } from './world.ts';

export interface Live {
  world: World;
  connection: ActorRefFrom<typeof connectionMachine>;
}

export const LiveContext = createContext<Live | null>(null);

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('outside of LiveContext');
  return live;
}

export const useTheWorld = (): World => useLive().world;

/** What `make` makes of the world, made anew when that has changed. */
export function useWorld<T>(make: (world: World) => T): T {
  const { world } = useLive();
  useSyncExternalStore(world.subscribe, () => world.version);
  return make(world);
}

export type Connection = { is: 'reading' } | { is: 'live' } | { is: 'lost'; at: number };

export function useConnection(): Connection {
  const { connection } = useLive();
  const isLive = useSelector(connection, (snapshot) => snapshot.hasTag('live'));
  const lostAt = useSelector(connection, ({ context }) => context.lostAt);
  if (isLive) return { is: 'live' };
  return lostAt === null ? { is: 'reading' } : { is: 'lost', at: lostAt };
}

export const useRetry = (): (() => void) => {
  const { connection } = useLive();
  return () => connection.send({ type: 'retry' });
};

/** The present time, Unix milliseconds, anew each second: for durations that grow. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(ticking);
  }, []);
  return now;
}
