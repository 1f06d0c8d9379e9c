// `maestro task …`: what there is. Changes stand in task-changes.ts.
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { oldTaskWords, Priority, TaskStatus } from '../../domain/task.ts';
import { usageError } from '../errors.ts';
import { requireProject, type AddCommands, type Invocation } from '../invocation.ts';
import { listPath, pathOf, summariesPath } from '../paths.ts';
import { taskTable, taskText } from '../tasks/text.ts';
import { flattened, rootsOf, treesOf, treeText } from '../tasks/tree.ts';
import { ProjectView, SessionView, TaskView } from '../views.ts';
import { wordOption } from '../word-option.ts';
import { addTaskChanges } from './task-changes.ts';

interface ListOptions {
  status?: string;
  priority?: string;
  all?: boolean;
}

interface TreeOptions {
  root?: string;
  depth?: number;
  status?: string;
}

const Tasks = z.array(TaskView);

export const addTask: AddCommands = (program, act) => {
  const task = program.command('task').description('the tasks of a project');

  task
    .command('list [taskId]')
    .description('the tasks of the project, or those below a task')
    .addOption(wordOption('--status <status>', 'only these', TaskStatus.options, oldTaskWords))
    .addOption(wordOption('--priority <priority>', 'only these', Priority.options))
    .option('--all', 'of every project; below a task: on every level')
    .action(
      act(async (invocation, taskId: string | undefined, { status, priority, all }: ListOptions) => {
        const listed =
          taskId === undefined
            ? await tasksInScope(invocation, all === true)
            : await tasksBelow(invocation, taskId, all === true);
        const tasks = listed.filter(
          (one) =>
            (status === undefined || one.status === status) &&
            (priority === undefined || one.priority === priority),
        );
        return { data: tasks, text: taskTable(tasks) };
      }),
    );

  task
    .command('get [id]')
    .description('one task (default: the first of this session)')
    .action(
      act(async ({ client, environment }, given?: string) => {
        const id = given ?? environment.taskIds[0];
        if (id === undefined)
          throw usageError('no task is given', 'Add its id; `maestro task list` shows them.');
        const found = await client.get(pathOf('task', id), TaskView);
        const sessions = await client.get(summariesPath({ taskId: id }), z.array(SessionView));
        const briefly = sessions.map(({ id: sessionId, name, status, strategy }) => ({
          ...{ id: sessionId, name, status, strategy },
        }));
        return { data: { ...found, sessions: briefly }, text: taskText(found, sessions) };
      }),
    );

  task
    .command('children <id>')
    .description('the tasks below a task')
    .option('--recursive', 'on every level')
    .action(
      act(async (invocation, id: string, { recursive }: { recursive?: boolean }) => {
        const tasks = await tasksBelow(invocation, id, recursive === true);
        return { data: tasks, text: taskTable(tasks) };
      }),
    );

  task
    .command('tree')
    .description('the tasks of the project as a tree')
    .option('--root <id>', 'only what is below this task')
    .option('--depth <levels>', 'not deeper', levels)
    .addOption(
      wordOption(
        '--status <status>',
        'only these, and the tasks above them',
        TaskStatus.options,
        oldTaskWords,
      ),
    )
    .action(
      act(async (invocation, { root, depth, status }: TreeOptions) => {
        const tasks = await tasksAround(invocation, root);
        const cut = { depth, status };
        const trees = treesOf(tasks, root === undefined ? rootsOf(tasks) : [root], cut);
        return { data: trees, text: treeText(trees) || 'There are no such tasks.' };
      }),
    );

  addTaskChanges(task, act);
};

/** All tasks of the project; with `all` of every one, unless a flag names one. */
async function tasksInScope(invocation: Invocation, all: boolean): Promise<TaskView[]> {
  const { client, flags } = invocation;
  const projectId = all ? flags.project : requireProject(invocation);
  const tasks = await client.get(listPath('task', { projectId }), Tasks);
  // A list of none hides that there is no such project.
  if (tasks.length === 0 && projectId !== undefined)
    await client.get(pathOf('project', projectId), ProjectView);
  return tasks;
}

async function tasksBelow(invocation: Invocation, id: string, all: boolean): Promise<TaskView[]> {
  if (!all) return invocation.client.get(pathOf('task', id, 'children'), Tasks);
  const [tree] = treesOf(await tasksAround(invocation, id), [id]);
  return flattened(tree?.children ?? []);
}

/** The tasks of a task's project; without a task, of the present one. */
async function tasksAround(invocation: Invocation, id: string | undefined): Promise<TaskView[]> {
  const { client } = invocation;
  const projectId =
    id === undefined
      ? requireProject(invocation)
      : (await client.get(pathOf('task', id), TaskView)).projectId;
  return client.get(listPath('task', { projectId }), Tasks);
}

function levels(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a number from 1 on.');
  return number;
}
