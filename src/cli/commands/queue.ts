// `maestro queue …`: a session's tasks, one after the other.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { requireSession, type Act, type AddCommands, type Invocation } from '../invocation.ts';
import { pathOf } from '../paths.ts';
import { startNext } from '../queues/start-next.ts';
import { facts, table } from '../text.ts';
import { QueueItemsView, QueueMoveView, QueueTopView, QueueView, type QueueItemView } from '../views.ts';

interface StartOptions {
  pollInterval: number;
  pollTimeout: number;
}

export const addQueue: AddCommands = (program, act) => {
  const queue = program.command('queue').description('the queue of this session');
  addViews(queue, act);
  addMove(queue.command('complete').description('end the task in work well'), 'complete', act);
  addMove(queue.command('skip').description('pass over the task in work, or else the next one'), 'skip', act);

  queue
    .command('start')
    .description('take the next task; waits while there is none')
    .option('--poll-interval <seconds>', 'how often to look while nothing is heard of the queue', seconds, 10)
    .option('--poll-timeout <minutes>', 'how long to wait; 0 for ever', minutes, 30)
    .action(
      act(async (invocation, { pollInterval, pollTimeout }: StartOptions) => {
        const started = await startNext(invocation, requireSession(invocation), {
          intervalMs: pollInterval * 1000,
          timeoutMs: pollTimeout === 0 ? Infinity : pollTimeout * 60_000,
        });
        return { data: started, text: started.message ?? started.item?.taskId ?? 'The queue is empty.' };
      }),
    );

  queue
    .command('fail [reason]')
    .description('end the task in work badly')
    .option('--reason <text>', 'why, if not given as argument')
    .action(
      act(async (invocation, given: string | undefined, options: { reason?: string }) => {
        const reason = given ?? options.reason;
        const moved = await invocation.client.post(queuePath(invocation, 'fail'), { reason }, QueueMoveView);
        return { data: moved, text: moved.message ?? 'Done.' };
      }),
    );

  queue
    .command('push <taskId>')
    .description('put a task at its end')
    .action(
      act(async (invocation, taskId: string) => {
        const moved = await invocation.client.post(queuePath(invocation, 'push'), { taskId }, QueueMoveView);
        return { data: moved, text: `Task ${taskId} waits in the queue.` };
      }),
    );
};

function addViews(queue: Command, act: Act): void {
  queue
    .command('top')
    .description('the next task')
    .action(
      act(async (invocation) => {
        const top = await invocation.client.get(queuePath(invocation, 'top'), QueueTopView);
        return { data: top, text: top.item?.taskId ?? top.message ?? 'Nothing waits.' };
      }),
    );

  queue
    .command('list')
    .description('all its tasks')
    .action(
      act(async (invocation) => {
        const listed = await invocation.client.get(queuePath(invocation, 'items'), QueueItemsView);
        return { data: listed, text: itemTable(listed.items) };
      }),
    );

  queue
    .command('status')
    .description('how many there are of each kind')
    .action(
      act(async (invocation) => {
        const { queue: record, stats } = await invocation.client.get(queuePath(invocation), QueueView);
        const counts = Object.entries(stats).map(([kind, count]) => [kind, String(count)] as const);
        return { data: { queue: record, stats }, text: facts(counts) };
      }),
    );
}

function addMove(command: Command, move: 'complete' | 'skip', act: Act): void {
  command.action(
    act(async (invocation) => {
      const moved = await invocation.client.post(queuePath(invocation, move), {}, QueueMoveView);
      return { data: moved, text: moved.message ?? 'Done.' };
    }),
  );
}

const queuePath = (invocation: Invocation, ...below: string[]): string =>
  pathOf('session', requireSession(invocation), 'queue', ...below);

const itemTable = (items: readonly QueueItemView[]): string =>
  table(
    ['task', 'status', 'why'],
    items.map(({ taskId, status, failReason }) => [taskId, status, failReason ?? '']),
    'The queue is empty.',
  );

const seconds = (text: string): number => numberFrom(text, 0.1);
const minutes = (text: string): number => numberFrom(text, 0);

function numberFrom(text: string, least: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= least) return number;
  throw new InvalidArgumentError(`It must be a number from ${least} on.`);
}
