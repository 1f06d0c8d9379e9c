// `maestro status`: how the server and the project stand, and who waits for an answer.
import pc from 'picocolors';
import { z } from 'zod';
import type { AddCommands } from '../invocation.ts';
import { listPath, pathOf, summariesPath } from '../paths.ts';
import { duration, facts, inOneCell, table } from '../text.ts';
import { ProjectView, SessionView, TaskView } from '../views.ts';

/** Records with a fault: all counted, some named. */
const Faulty = z.looseObject({
  count: z.number(),
  records: z.array(z.looseObject({ path: z.string(), reason: z.string() })).default([]),
});
type Faulty = z.infer<typeof Faulty>;

/** Older servers say nothing of their storage, or less. */
const Storage = z.looseObject({
  setAside: Faulty.optional().catch(undefined),
  unwritten: Faulty.optional().catch(undefined),
});

const Health = z.looseObject({
  status: z.string(),
  uptime: z.number(),
  version: z.string().optional(),
  storage: Storage.optional().catch(undefined),
});

/** Of each kind; the server's log has all of them. */
const mostFaultyShown = 5;

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
          ...faultyText('Records that could not be read and are set aside', server.storage?.setAside),
          ...faultyText('Records whose files could not be written', server.storage?.unwritten),
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

function faultyText(what: string, faulty: Faulty | undefined): string[] {
  if (faulty === undefined || faulty.count === 0) return [];
  const { count, records } = faulty;
  const shown = records.slice(0, mostFaultyShown);
  const more = count - shown.length;
  return [
    pc.yellow(`${what}: ${count}`),
    ...shown.map(({ path, reason }) => `  ${inOneCell(path)}: ${inOneCell(reason)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function countByStatus(records: readonly { status: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of records) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const countText = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ') || 'none';
