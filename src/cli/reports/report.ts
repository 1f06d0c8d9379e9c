// A session's report: what it means for the tasks it is about, and the entry on the session's timeline.
import type { Client } from '../client.ts';
import { pathOf } from '../paths.ts';
import { Done, EntryAdded, TaskView } from '../views.ts';

export type Kind = 'progress' | 'complete' | 'blocked' | 'error' | 'needs-input';

interface Report {
  sessionId: string;
  kind: Kind;
  message: string | undefined;
  /** Empty: it is about the session as a whole. */
  taskIds: readonly string[];
}

interface Reported {
  sessionId: string;
  type: string;
  message: string;
  taskIds: readonly string[];
  /** Of the entries on the timeline, where the server told them. */
  entryIds: string[];
}

const meanings: Record<Kind, { type: string; sessionStatus: string }> = {
  progress: { type: 'progress', sessionStatus: 'working' },
  complete: { type: 'task_completed', sessionStatus: 'completed' },
  blocked: { type: 'task_blocked', sessionStatus: 'blocked' },
  error: { type: 'error', sessionStatus: 'failed' },
  'needs-input': { type: 'needs_input', sessionStatus: 'needs_input' },
};

/**
 * Tells it. Completing without a task completes the session.
 * @throws CliError for a refusal or a lost connection
 */
export async function report(
  client: Client,
  { sessionId, kind, message, taskIds }: Report,
): Promise<Reported> {
  const { type, sessionStatus } = meanings[kind];
  const said = message ?? (taskIds.length > 0 ? 'Task completed' : 'Session completed');
  const entryIds: string[] = [];
  const write = async (taskId?: string) => {
    const { timeline } = await client.post(
      pathOf('session', sessionId, 'timeline'),
      { type, message: said, taskId },
      EntryAdded,
      { minimal: true },
    );
    entryIds.push(...timeline.slice(-1).map((entry) => entry.id));
  };

  for (const taskId of taskIds) {
    const change = { updateSource: 'session', sessionId, sessionStatus };
    await client.patch(pathOf('task', taskId), change, TaskView);
    await write(taskId);
  }
  if (taskIds.length === 0) await write();
  if (taskIds.length === 0 && kind === 'complete') {
    await client.patch(pathOf('session', sessionId), { status: 'completed' }, Done, { minimal: true });
  }
  return { sessionId, type, message: said, taskIds, entryIds };
}
