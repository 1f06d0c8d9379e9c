// `maestro session …`: what there is, answers, and the hooks. Spawning stands in session-spawn.ts.
import { z } from 'zod';
import type { Client } from '../client.ts';
import { CliError, exitCodes } from '../errors.ts';
import { toldByHook } from '../hooks.ts';
import { requireSession, type AddCommands } from '../invocation.ts';
import { pathOf, summariesPath } from '../paths.ts';
import { register } from '../sessions/register.ts';
import { sessionTable, sessionText } from '../sessions/text.ts';
import { Done, QueueView, SessionView, type QueueStatsView } from '../views.ts';
import { addSpawn } from './session-spawn.ts';

/** Entries of a story. */
const lastShown = 20;

export const addSession: AddCommands = (program, act) => {
  const session = program.command('session').description('agents at work on tasks');

  session
    .command('list')
    .description('the sessions of the project')
    .option('--task <id>', 'only those that work on this task')
    .action(
      act(async ({ client, environment: { projectId } }, { task }: { task?: string }) => {
        const sessions = await client.get(summariesPath({ projectId, taskId: task }), z.array(SessionView));
        return { data: sessions, text: sessionTable(sessions) };
      }),
    );

  session
    .command('info [sessionId]')
    .description('one session and its story (default: the session that this is)')
    .option('--all', 'the whole story, not just its end')
    .action(
      act(async (invocation, given: string | undefined, { all }: { all?: boolean }) => {
        const { client } = invocation;
        const id = given ?? requireSession(invocation, 'Add its id; `maestro session list` shows them.');
        const found = await client.get(pathOf('session', id), SessionView);
        const stats = found.strategy === 'queue' ? await queueStats(client, id) : undefined;
        return {
          data: { ...found, ...(stats && { queueStats: stats }) },
          text: sessionText(found, stats, all === true ? Infinity : lastShown),
        };
      }),
    );

  session
    .command('answer <sessionId> <text>')
    .description('answer the question of a session')
    .action(
      act(async ({ client }, id: string, text: string) => {
        await client.post(pathOf('session', id, 'answer'), { message: text }, Done, { minimal: true });
        return { data: { sessionId: id, message: text }, text: `Session ${id} has its answer.` };
      }),
    );

  session
    .command('delete <sessionId>')
    .description('delete a session with its story, its queue and its manifest')
    .action(
      act(async ({ client }, id: string) => {
        await client.remove(pathOf('session', id));
        return { data: { id }, text: `Session ${id} is deleted.` };
      }),
    );

  session
    .command('register')
    .description('tell that this session has begun (for hooks)')
    .action(
      act(async (invocation) => {
        const sessionId = requireSession(invocation);
        return toldByHook({ sessionId }, `Session ${sessionId} is at work.`, () =>
          register(invocation.hastyClient, sessionId, invocation.environment),
        );
      }),
    );

  session
    .command('complete')
    .description('tell that this session is done (for hooks)')
    .action(
      act(async (invocation) => {
        const sessionId = requireSession(invocation);
        return toldByHook({ sessionId }, `Session ${sessionId} is completed.`, () =>
          invocation.hastyClient.patch(pathOf('session', sessionId), { status: 'completed' }, Done, {
            minimal: true,
          }),
        );
      }),
    );

  addSpawn(session, act);
};

/** A queue may be gone, as a session that was not spawned with one. */
const queueStats = async (client: Client, id: string): Promise<QueueStatsView | undefined> =>
  client.get(pathOf('session', id, 'queue'), QueueView).then(
    ({ stats }) => stats,
    (thrown: unknown) => {
      if (thrown instanceof CliError && thrown.exitCode === exitCodes.notFound) return undefined;
      throw thrown;
    },
  );
