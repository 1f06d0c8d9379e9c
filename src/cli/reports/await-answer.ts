// Waits until somebody answers a session's question: listens to the session's facts and reads it when they concern the
// question, and every now and then without one. The server may be restarted meanwhile.
import { z } from 'zod';
import type { Message } from '../connection.ts';
import { CliError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { newsOf } from '../news.ts';
import { pathOf, summaryPath } from '../paths.ts';
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
  const news = newsOf(invocation, (message) => concerns(message, sessionId));
  try {
    let heardAt = Date.now();
    const read = async (path: string) => {
      const session = await sessionAt(invocation, path, heardAt);
      if (session) heardAt = Date.now();
      return session;
    };
    for (;;) {
      const { needsInput } = (await read(summaryPath(sessionId))) ?? {};
      if (needsInput?.active === true && asked.size === 0 && needsInput.entryId)
        asked.add(needsInput.entryId);
      // While the question is open there is no answer to look for.
      const isOpen = needsInput?.active === true && asked.has(needsInput.entryId ?? '');
      const session = isOpen ? undefined : await read(pathOf('session', sessionId));
      if (session) {
        const answer = session.timeline.findLast((entry) => asked.has(entry.metadata?.answerTo ?? ''));
        if (answer) return answer.message ?? '';
        if (session.needsInput?.active !== true) throw closedUnanswered(session);
      }
      await news.within(pollIntervalMs);
    }
  } finally {
    news.close();
  }
}

function concerns({ type, data }: Message, sessionId: string): boolean {
  const fact = SessionFact.safeParse(data);
  if (!type.startsWith('session:') || fact.data?.id !== sessionId) return false;
  const { changes, appended } = fact.data;
  if (changes === undefined) return true;
  const isAnswered = appended?.timeline.some(({ metadata }) => metadata?.['answerTo'] !== undefined);
  return isAnswered === true || 'needsInput' in changes || 'status' in changes;
}

/** The session as it is; undefined while the server is away. */
async function sessionAt(
  { client }: Invocation,
  path: string,
  heardAt: number,
): Promise<SessionView | undefined> {
  try {
    return await client.get(path, SessionView);
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
