// How a command that waits for something learns that it should look: it listens, and looks when what it hears concerns it.
import { listen, type ConnectionOptions, type Message } from './connection.ts';
import type { Invocation } from './invocation.ts';

export interface News {
  /** Resolves at the next news, at once for news that came since the last call, else after the limit. */
  within(limitMs: number): Promise<void>;
  /** Stops listening. */
  close(): void;
}

/** What setTimeout can wait for; a longer limit is as good as this one. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Listens until it is closed; every new connection is news, as something may have been missed before it.
 * @param concerns whether a fact is news
 */
export function newsOf(
  { environment: { serverUrl: url, credentials } }: Invocation,
  concerns: (message: Message) => boolean,
  topics?: ConnectionOptions['topics'],
): News {
  let isFresh = false;
  let wake: () => void = () => undefined;
  const arrived = () => {
    isFresh = true;
    wake();
  };
  const heard = (message: Message) => {
    if (message.type === 'resync' || concerns(message)) arrived();
  };
  const ear = new AbortController();
  const options = { url, credentials, projectId: undefined, ...(topics && { topics }) };
  // A server that refuses the connection for good is asked after each limit, and says so itself.
  void listen(options, { opened: arrived, heard, lost: () => undefined }, ear.signal).catch(() => undefined);

  const within = (limitMs: number) =>
    new Promise<void>((resolve) => {
      const limit = setTimeout(arrived, Math.min(limitMs, longestTimerMs));
      wake = () => {
        clearTimeout(limit);
        isFresh = false;
        wake = () => undefined;
        resolve();
      };
      if (isFresh) wake();
    });
  return { within, close: () => ear.abort() };
}
