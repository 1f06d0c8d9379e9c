// Waits until somebody answers a session's question. The server may be restarted meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { pathOf } from '../paths.ts';
import { isServerAway } from '../refusals.ts';
import { SessionView } from '../views.ts';

const pollIntervalMs = 2_000;
/** A server that is away for longer than this does not come back by itself. */
const longestAbsenceMs = 10 * 60_000;

/**
 * @param questionIds the question's entries on the timeline; when the server did not tell them, the open question's
 * @returns the answer's text
 * @throws CliError when the question is closed without an answer, or the server stays away
 */
export async function awaitAnswer(
  client: Client,
  sessionId: string,
  questionIds: readonly string[],
): Promise<string> {
  const asked = new Set(questionIds);
  let heardAt = Date.now();
  for (;;) {
    const session = await sessionNow(client, sessionId, heardAt);
    if (session) {
      heardAt = Date.now();
      const isOpen = session.needsInput?.active === true;
      if (isOpen && asked.size === 0 && session.needsInput?.entryId) asked.add(session.needsInput.entryId);
      const answer = session.timeline.findLast((entry) => asked.has(entry.metadata?.answerTo ?? ''));
      if (answer) return answer.message ?? '';
      if (!isOpen) throw closedUnanswered(session);
    }
    await delay(pollIntervalMs);
  }
}

/** The session as it is; undefined while the server is away. */
async function sessionNow(client: Client, id: string, heardAt: number): Promise<SessionView | undefined> {
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
