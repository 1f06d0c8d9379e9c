// Takes the next task of a queue, and waits for one while there is none. It waits by listening, and looks before it asks
// for a task, so that waiting writes nothing at the server. The server may be restarted meanwhile.
import { z } from 'zod';
import { hasEnded, SessionStatus } from '../../domain/session.ts';
import type { Message } from '../connection.ts';
import type { Invocation } from '../invocation.ts';
import { newsOf } from '../news.ts';
import { pathOf, summaryPath } from '../paths.ts';
import { isServerAway } from '../refusals.ts';
import { QueueMoveView, QueueTopView, SessionView } from '../views.ts';

interface Patience {
  /** Looks this often also when it hears nothing. */
  intervalMs: number;
  /** Infinity: for ever. */
  timeoutMs: number;
}

type Started = z.infer<typeof QueueMoveView>;

/**
 * @returns the item, or `empty: true` when none came in time
 * @throws CliError for a refusal; for a lost connection only when the server was not there to begin with
 */
export async function startNext(
  invocation: Invocation,
  sessionId: string,
  { intervalMs, timeoutMs }: Patience,
): Promise<Started> {
  const { client, output } = invocation;
  const until = Date.now() + timeoutMs;
  const start = () => client.post(pathOf('session', sessionId, 'queue', 'start'), {}, QueueMoveView);
  let last = await start();
  if (last.empty !== true) return last;
  output.note(`The queue is empty; waiting for a task ${limitText(timeoutMs)}…`);
  const news = newsOf(invocation, (message) => concerns(message, sessionId), 'queue');
  try {
    while (last.empty === true && Date.now() < until) {
      await news.within(Math.min(intervalMs, Math.max(until - Date.now(), 0)));
      try {
        if (await isWorthAsking(invocation, sessionId)) last = await start();
      } catch (thrown) {
        if (!isServerAway(thrown)) throw thrown;
      }
    }
  } finally {
    news.close();
  }
  return last;
}

/** Whether a task waits, or the session has ended, of which the server then tells in its own words. */
async function isWorthAsking({ client }: Invocation, sessionId: string): Promise<boolean> {
  const { item } = await client.get(pathOf('session', sessionId, 'queue', 'top'), QueueTopView);
  if (item !== null) return true;
  const { status } = await client.get(summaryPath(sessionId), SessionView);
  const known = SessionStatus.safeParse(status).data;
  return known !== undefined && hasEnded(known);
}

const Pushed = z.looseObject({ sessionId: z.string() });
const Changed = z.looseObject({ id: z.string(), changes: z.record(z.string(), z.unknown()).optional() });

function concerns({ type, data }: Message, sessionId: string): boolean {
  if (type.startsWith('queue:')) return Pushed.safeParse(data).data?.sessionId === sessionId;
  if (type === 'session:deleted') return Changed.safeParse(data).data?.id === sessionId;
  if (type !== 'session:updated') return false;
  const told = Changed.safeParse(data).data;
  return told?.id === sessionId && (told.changes === undefined || 'status' in told.changes);
}

const limitText = (timeoutMs: number): string =>
  timeoutMs === Infinity ? 'until one comes' : `for up to ${Number((timeoutMs / 60_000).toFixed(1))} min`;
