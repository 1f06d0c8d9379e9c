// `maestro session spawn`: asks the server for a new session on some tasks.
import { Option } from 'commander';
import { usageError } from '../errors.ts';
import type { AddCommands, Invocation } from '../invocation.ts';
import { pathOf } from '../paths.ts';
import { relatedTasks } from '../tasks/related.ts';
import { facts } from '../text.ts';
import { SessionView, TaskView } from '../views.ts';
import { z } from 'zod';

interface SpawnOptions {
  task: string[];
  skill?: string;
  role?: string;
  strategy?: string;
  name?: string;
  reason?: string;
  includeRelated?: boolean;
}

/** Manifests wait their turn on the server, and each may take half a minute. */
const spawnTimeoutMs = 150_000;

const Spawned = z.looseObject({
  success: z.literal(true),
  sessionId: z.string(),
  manifestPath: z.string(),
  session: SessionView,
  command: z.string(),
  cwd: z.string(),
});

/** Adds it to the group `session`. */
export const addSpawn: AddCommands = (session, act) => {
  session
    .command('spawn')
    .description('a new session on some tasks')
    .requiredOption('--task <id>', 'a task; may be given several times', collected)
    .option(
      '--skill <name>',
      'what it can do (default: maestro-worker); maestro-orchestrator makes an orchestrator',
    )
    .addOption(
      new Option('--role <role>', 'in place of what the skill says').choices(['worker', 'orchestrator']),
    )
    .addOption(
      new Option('--strategy <strategy>', 'how it takes its tasks').choices(['simple', 'queue', 'tree']),
    )
    .option('--name <name>', 'its name')
    .option('--reason <text>', 'why, for whoever looks at it later')
    .option('--include-related', 'tell it of the tasks around its own')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  maestro session spawn --task task_1\n' +
        '  maestro session spawn --task task_1 --task task_2 --strategy queue --name "Nightly"',
    )
    .action(
      act(async (invocation, options: SpawnOptions) => {
        const body = await orderFrom(invocation, options);
        invocation.output.note('The manifest of the session is being made…');
        const spawned = await invocation.client.post('/api/sessions/spawn', body, Spawned, {
          timeoutMs: spawnTimeoutMs,
        });
        return {
          data: spawned,
          text: facts([
            ['session', spawned.sessionId],
            ['name', spawned.session.name],
            ['command', spawned.command],
            ['folder', spawned.cwd],
          ]),
        };
      }),
    );
};

async function orderFrom(invocation: Invocation, options: SpawnOptions): Promise<object> {
  const { environment, client } = invocation;
  const role = options.role ?? (options.skill === 'maestro-orchestrator' ? 'orchestrator' : 'worker');
  const [first] = options.task;
  if (first === undefined) throw usageError('no task is given', 'Add --task ID.');
  const projectId = environment.projectId ?? (await client.get(pathOf('task', first), TaskView)).projectId;
  return {
    projectId,
    taskIds: options.task,
    role,
    strategy: options.strategy ?? 'simple',
    skills: [options.skill ?? `maestro-${role}`],
    sessionName: options.name,
    ...(environment.sessionId === undefined
      ? { spawnSource: 'ui' }
      : { spawnSource: 'session', sessionId: environment.sessionId }),
    context: {
      ...(options.reason !== undefined && { reason: options.reason }),
      ...(options.includeRelated === true && {
        relatedTasks: await relatedTasks(client, projectId, options.task),
      }),
    },
  };
}

const collected = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];
