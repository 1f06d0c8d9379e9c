// `maestro task create|update|complete|block|…`: what changes a task. Inside a session a changed status is told on its
// timeline too.
import { oldTaskWords, Priority, TaskStatus } from '../../domain/task.ts';
import { CliError, exitCodes, usageError } from '../errors.ts';
import { requireProject, type AddCommands, type Invocation } from '../invocation.ts';
import type { Output } from '../output.ts';
import { listPath, pathOf } from '../paths.ts';
import { Done, TaskView } from '../views.ts';
import { wordOption } from '../word-option.ts';

interface CreateOptions {
  title?: string;
  desc?: string;
  priority?: string;
  parent?: string;
  prompt?: string;
}

interface UpdateOptions {
  status?: string;
  title?: string;
  priority?: string;
}

/** Adds them to the group `task`. */
export const addTaskChanges: AddCommands = (task, act) => {
  task
    .command('create [title]')
    .description('a new task')
    .option('-t, --title <title>', 'its title, if not given as argument')
    .option('-d, --desc <text>', 'what is to be done, and when it is done')
    .addOption(wordOption('--priority <priority>', 'how urgent it is', Priority.options))
    .option('--parent <id>', 'the task that it is a part of')
    .option('--prompt <text>', 'the first words to its agent')
    .action(
      act(async (invocation, given: string | undefined, options: CreateOptions) => {
        const title = given ?? options.title;
        if (title === undefined)
          throw usageError('a task needs a title', 'Give it as argument or with --title.');
        const body = {
          projectId: await projectFor(invocation, options.parent),
          title,
          description: options.desc,
          priority: options.priority,
          parentId: options.parent,
          initialPrompt: options.prompt,
        };
        const made = await invocation.client.post(listPath('task'), body, TaskView);
        return { data: made, text: `Task ${made.title} is made: ${made.id}` };
      }),
    );

  task
    .command('update <id>')
    .description('change a task')
    .addOption(wordOption('--status <status>', 'where it stands', TaskStatus.options, oldTaskWords))
    .option('--title <title>', 'a new title')
    .addOption(wordOption('--priority <priority>', 'how urgent it is', Priority.options))
    .action(
      act(async (invocation, id: string, { status, title, priority }: UpdateOptions) => {
        if (status === undefined && title === undefined && priority === undefined) {
          throw usageError('nothing to change is given', 'Add --status, --title or --priority.');
        }
        const changed = await changeTask(invocation, id, { status, title, priority });
        return { data: changed, text: `Task ${changed.title} is changed.` };
      }),
    );

  task
    .command('complete <id>')
    .description('mark a task as done')
    .action(
      act(async (invocation, id: string) => {
        const changed = await changeTask(invocation, id, { status: 'completed' });
        return { data: changed, text: `Task ${changed.title} is completed.` };
      }),
    );

  task
    .command('block <id>')
    .description('mark a task as blocked')
    .requiredOption('--reason <text>', 'what is in the way')
    .action(
      act(async (invocation, id: string, { reason }: { reason: string }) => {
        const { metadata } = await invocation.client.get(pathOf('task', id), TaskView);
        const change = { status: 'blocked', metadata: { ...metadata, blockedReason: reason } };
        const changed = await changeTask(invocation, id, change, `: ${reason}`);
        return { data: changed, text: `Task ${changed.title} is blocked: ${reason}` };
      }),
    );

  task
    .command('delete <id>')
    .description('delete a task: it leaves its sessions, and the tasks below it move up')
    .action(
      act(async ({ client }, id: string) => {
        await client.remove(pathOf('task', id));
        return { data: { id }, text: `Task ${id} is deleted.` };
      }),
    );
};

/** A part belongs to the project of the whole, whichever is the present one. */
async function projectFor(invocation: Invocation, parentId: string | undefined): Promise<string> {
  const { client, environment } = invocation;
  if (environment.projectId !== undefined || parentId === undefined) return requireProject(invocation);
  return (await client.get(pathOf('task', parentId), TaskView)).projectId;
}

/** @param why what is said of the change on the session's timeline, behind the status */
async function changeTask(
  { client, environment, output }: Invocation,
  id: string,
  change: { status?: string | undefined; [field: string]: unknown },
  why = '',
): Promise<TaskView> {
  const changed = await client.patch(pathOf('task', id), change, TaskView);
  const { sessionId } = environment;
  if (change.status !== undefined && sessionId !== undefined) {
    const entry = {
      type: 'task_status_changed',
      taskId: id,
      message: `${changed.title} is now ${changed.status}${why}`,
    };
    await client
      .post(pathOf('session', sessionId, 'timeline'), entry, Done, { minimal: true })
      .catch((thrown: unknown) => passOverMissing(thrown, output));
  }
  return changed;
}

/** The change is made; a session that the server does not know has no timeline to tell it on. */
function passOverMissing(thrown: unknown, output: Output): void {
  if (!(thrown instanceof CliError) || thrown.exitCode !== exitCodes.notFound) throw thrown;
  output.note(`not told on the session's timeline: ${thrown.message}`);
}
