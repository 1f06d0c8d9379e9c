// Waits until somebody answers a session's question: listens to the session's facts and reads it when they concern the
// question, and every now and then without one. The server may be restarted meanwhile.
import { z } from 'zod';
import { listen, type Message } from '../connection.ts';
import { CliError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { pathOf } from '../paths.ts';
import { isServerAway } from '../refusals.ts';
import { SessionView } from '../views.ts';

/** For servers and networks that let no WebSocket through. */
const pollIntervalMs = 30_000;
/** A server that is away for longer than this does not come back by itself. */
const longestAbsenceMs = 10 * 60_000;

/** A session's fact: small, where the server knows `view=changes`. */
const SessionFact = z.looseObject({
  id: z.string(),
  changes: z.record(z.string(), z.unknown()).optional(),
  appended: z
    .looseObject({
      timeline: z
        .array(z.looseObject({ metadata: z.record(z.string(), z.unknown()).optional() }))
        .default([]),
    })
    .optional(),
});

/**
 * @param questionIds the question's entries on the timeline; when the server did not tell them, the open question's
 * @returns the answer's text
 * @throws CliError when the question is closed without an answer, or the server stays away
 */
export async function awaitAnswer(
  invocation: Invocation,
  sessionId: string,
  questionIds: readonly string[],
): Promise<string> {
  const asked = new Set(questionIds);
  const news = createNews();
  const ear = new AbortController();
  listenFor(invocation, sessionId, news.arrived, ear.signal);
  try {
    let heardAt = Date.now();
    for (;;) {
      const session = await sessionNow(invocation, sessionId, heardAt);
      if (session) {
        heardAt = Date.now();
        const isOpen = session.needsInput?.active === true;
        if (isOpen && asked.size === 0 && session.needsInput?.entryId) asked.add(session.needsInput.entryId);
        const answer = session.timeline.findLast((entry) => asked.has(entry.metadata?.answerTo ?? ''));
        if (answer) return answer.message ?? '';
        if (!isOpen) throw closedUnanswered(session);
      }
      await news.within(pollIntervalMs);
    }
  } finally {
    ear.abort();
  }
}

/** Hears of the session until the signal is aborted. */
function listenFor(
  { environment: { serverUrl: url, credentials } }: Invocation,
  sessionId: string,
  arrived: () => void,
  signal: AbortSignal,
): void {
  const heard = (message: Message) => {
    if (concerns(message, sessionId)) arrived();
  };
  const listener = { opened: arrived, heard, lost: () => undefined };
  // A server that refuses the connection for good is asked every now and then, and says so itself.
  void listen({ url, credentials, projectId: undefined }, listener, signal).catch(() => undefined);
}

function concerns({ type, data }: Message, sessionId: string): boolean {
  if (type === 'resync') return true;
  const fact = SessionFact.safeParse(data);
  if (!type.startsWith('session:') || fact.data?.id !== sessionId) return false;
  const { changes, appended } = fact.data;
  if (changes === undefined) return true;
  const isAnswered = appended?.timeline.some(({ metadata }) => metadata?.['answerTo'] !== undefined);
  return isAnswered === true || 'needsInput' in changes || 'status' in changes;
}

/** News that arrives while nobody waits is not lost. */
function createNews() {
  let isFresh = false;
  let wake: () => void = () => undefined;
  const arrived = () => {
    isFresh = true;
    wake();
  };
  const within = (limitMs: number) =>
    new Promise<void>((resolve) => {
      const limit = setTimeout(arrived, limitMs);
      wake = () => {
        clearTimeout(limit);
        isFresh = false;
        resolve();
      };
      if (isFresh) wake();
    });
  return { arrived, within };
}

/** The session as it is; undefined while the server is away. */
async function sessionNow(
  { client }: Invocation,
  id: string,
  heardAt: number,
): Promise<SessionView | undefined> {
  try {
    return await client.get(pathOf('session', id), SessionView);
  } catch (thrown) {
    if (isServerAway(thrown) && Date.now() - heardAt < longestAbsenceMs) return undefined;
    throw thrown;
  }
}

const closedUnanswered = ({ id, status }: SessionView): CliError =>
  new CliError('NOT_ANSWERED', `the question was closed without an answer (session ${id} is ${status})`, {
    suggestion:
      status === 'working'
        ? 'Decide yourself, or ask again.'
        : 'Only a session that works can ask: `maestro session register` says that it does.',
  });
