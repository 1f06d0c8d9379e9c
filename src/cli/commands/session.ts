// `maestro session …`: what there is, answers, and the hooks. Spawning stands in session-spawn.ts.
import { z } from 'zod';
import { toldByHook } from '../hooks.ts';
import { requireSession, type AddCommands } from '../invocation.ts';
import { listPath, pathOf } from '../paths.ts';
import { register } from '../sessions/register.ts';
import { facts, table } from '../text.ts';
import { Done, SessionView } from '../views.ts';
import { addSpawn } from './session-spawn.ts';

export const addSession: AddCommands = (program, act) => {
  const session = program.command('session').description('sessions');

  session
    .command('list')
    .description('the sessions of the project')
    .option('--task <id>', 'only those that work on this task')
    .action(
      act(async ({ client, environment: { projectId } }, { task }: { task?: string }) => {
        const sessions = await client.get(
          listPath('session', { projectId, taskId: task }),
          z.array(SessionView),
        );
        return { data: sessions, text: sessionTable(sessions) };
      }),
    );

  session
    .command('info')
    .description('the session that this is')
    .action(
      act(async (invocation) => {
        const id = requireSession(invocation);
        const found = await invocation.client.get(pathOf('session', id), SessionView);
        return { data: found, text: sessionText(found) };
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

const sessionTable = (sessions: readonly SessionView[]): string =>
  table(
    ['id', 'name', 'status', 'role', 'strategy', 'tasks', 'asks'],
    sessions.map((one) => [
      one.id,
      one.name,
      one.status,
      one.role ?? '',
      one.strategy,
      one.taskIds.join(', '),
      openQuestion(one) ?? '',
    ]),
    'There are no such sessions.',
  );

const sessionText = (one: SessionView): string =>
  facts([
    ['id', one.id],
    ['name', one.name],
    ['status', one.status],
    ['role', one.role],
    ['strategy', one.strategy],
    ['project', one.projectId],
    ['tasks', one.taskIds.join(', ')],
    ['asks', openQuestion(one)],
    ['last entry', one.timeline.at(-1)?.message],
  ]);

const openQuestion = ({ needsInput }: SessionView): string | undefined =>
  needsInput?.active === true ? (needsInput.message ?? 'yes') : undefined;
