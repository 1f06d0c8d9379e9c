// What the server is told about an agent's beginning and end.
import { newIdFrom } from '../../platform/new-id.ts';
import { systemClock } from '../../platform/clock.ts';
import { hasEnded, SessionStatus } from '../../domain/session.ts';
import type { Manifest } from '../../manifest/schema.ts';
import type { Client } from '../client.ts';
import { CliError, exitCodes } from '../errors.ts';
import { pathOf, summaryPath } from '../paths.ts';
import { Done, SessionView, TaskView } from '../views.ts';
import type { AgentEnd } from './launch.ts';

/** Of an agent that ended while nobody looked, only that is known. */
export type SeenEnd = AgentEnd | { how: 'unseen' };

const newId = newIdFrom(systemClock);

/** The session works, and so do its tasks; with strategy queue the queue says when. */
export async function reportStart(client: Client, sessionId: string, manifest: Manifest): Promise<void> {
  await client.patch(pathOf('session', sessionId), { status: 'working' }, Done, { minimal: true });
  if (manifest.strategy === 'queue') return;
  const change = { updateSource: 'session', sessionId, sessionStatus: 'working' };
  for (const { id } of manifest.tasks) {
    // A task may have been deleted since the manifest was made; the agent will find out.
    await client.patch(pathOf('task', id), change, TaskView).catch(ignoreMissing);
  }
}

/**
 * Completed after exit code 0, else failed with the reason on the timeline; unless the session has ended already, by
 * the agent's own report or somebody's hand.
 */
export async function reportEnd(client: Client, sessionId: string, end: SeenEnd): Promise<void> {
  const path = pathOf('session', sessionId);
  const session = await client.get(summaryPath(sessionId), SessionView).catch(ignoreMissing);
  const status = SessionStatus.safeParse(session?.status).data;
  if (status === undefined || hasEnded(status)) return;
  if (end.how === 'exited' && end.code === 0) {
    await client.patch(path, { status: 'completed' }, Done, { minimal: true });
    return;
  }
  // The entry has its id from us: when the call is repeated it is not added twice.
  const entry = { id: newId('evt'), type: 'error', message: sentenceOf(end) };
  await client.patch(path, { status: 'failed', timeline: [entry] }, Done, { minimal: true });
}

function sentenceOf(end: SeenEnd): string {
  switch (end.how) {
    case 'exited':
      return `The agent ended with exit code ${end.code}`;
    case 'killed':
      return `The agent was ended by ${end.signal}`;
    case 'notStarted':
      return `The agent could not be started: ${end.message}`;
    case 'unseen':
      return 'The agent is gone, without a word on how it ended';
  }
}

function ignoreMissing(thrown: unknown): undefined {
  if (thrown instanceof CliError && thrown.exitCode === exitCodes.notFound) return undefined;
  throw thrown;
}
