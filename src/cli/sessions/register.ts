// How a session makes itself known: one that the server has is at work now, one that it does not have is made.
import type { Client } from '../client.ts';
import type { Environment } from '../environment.ts';
import { CliError, exitCodes, usageError } from '../errors.ts';
import { listPath, pathOf, summaryPath } from '../paths.ts';
import { Done, SessionView } from '../views.ts';

/**
 * @throws CliError USAGE_ERROR when the session must be made and its project is not known
 */
export async function register(
  client: Client,
  id: string,
  { projectId, taskIds, strategy }: Pick<Environment, 'projectId' | 'taskIds' | 'strategy'>,
): Promise<void> {
  if (await isKnown(client, id)) {
    await client.patch(pathOf('session', id), { status: 'running' }, Done, { minimal: true });
    return;
  }
  if (projectId === undefined) {
    throw usageError(
      `session ${id} is not known, and cannot be made without a project`,
      'Set MAESTRO_PROJECT_ID and MAESTRO_TASK_IDS.',
    );
  }
  await client.post(
    listPath('session'),
    { id, projectId, taskIds, strategy, status: 'running' },
    SessionView,
  );
}

async function isKnown(client: Client, id: string): Promise<boolean> {
  try {
    await client.get(summaryPath(id), SessionView);
    return true;
  } catch (thrown) {
    if (thrown instanceof CliError && thrown.exitCode === exitCodes.notFound) return false;
    throw thrown;
  }
}
