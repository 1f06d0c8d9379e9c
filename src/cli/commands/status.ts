// `maestro status`: how the server and the project stand, and who waits for an answer.
import { z } from 'zod';
import type { AddCommands } from '../invocation.ts';
import { listPath, pathOf, summariesPath } from '../paths.ts';
import { duration, facts, table } from '../text.ts';
import { ProjectView, SessionView, TaskView } from '../views.ts';

const Health = z.looseObject({ status: z.string(), uptime: z.number(), version: z.string().optional() });

export const addStatus: AddCommands = (program, act) => {
  program
    .command('status')
    .description('how the server and the project stand')
    .action(
      act(async ({ client, environment: { projectId } }) => {
        const server = await client.get('/health', Health);
        const project =
          projectId === undefined ? null : await client.get(pathOf('project', projectId), ProjectView);
        const tasks = await client.get(listPath('task', { projectId }), z.array(TaskView));
        const sessions = await client.get(summariesPath({ projectId }), z.array(SessionView));
        const asking = sessions
          .filter(({ needsInput }) => needsInput?.active === true)
          .map(({ id, name, needsInput }) => ({ id, name, message: needsInput?.message ?? '' }));
        const counts = { tasks: countByStatus(tasks), sessions: countByStatus(sessions) };
        const text = [
          facts([
            ['server', `${client.url}, ${server.status}, up ${duration(server.uptime)}`],
            ['version', server.version],
            ['project', project ? `${project.name} (${project.id})` : 'all'],
            ['tasks', countText(counts.tasks)],
            ['sessions', countText(counts.sessions)],
          ]),
          ...(asking.length === 0
            ? []
            : [
                'These wait for an answer (`maestro session answer <id> <text>`):',
                table(
                  ['session', 'name', 'question'],
                  asking.map((one) => [one.id, one.name, one.message]),
                  '',
                ),
              ]),
        ].join('\n');
        return {
          data: { server: { url: client.url, ...server }, project, ...counts, needsInput: asking },
          text,
        };
      }),
    );
};

function countByStatus(records: readonly { status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of records) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const countText = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ') || 'none';
