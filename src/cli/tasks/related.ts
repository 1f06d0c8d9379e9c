// The tasks around some tasks, as text for the agent that gets these: what they are a part of, what stands beside and
// below them, what they wait for.
import { z } from 'zod';
import type { Client } from '../client.ts';
import { listPath } from '../paths.ts';
import { TaskView } from '../views.ts';

/** A project may have thousands; an agent reads so many. */
const mostTold = 50;

/** One line for each related task. */
export async function relatedTasks(
  client: Client,
  projectId: string,
  ids: readonly string[],
): Promise<string> {
  const tasks = await client.get(listPath('task', { projectId }), z.array(TaskView));
  const own = tasks.filter((task) => ids.includes(task.id));
  const lines = tasks.flatMap((other) => {
    if (ids.includes(other.id)) return [];
    const task = own.find((one) => relation(one, other) !== undefined);
    if (!task) return [];
    return [`- ${other.title} (id ${other.id}, ${other.status}): ${relation(task, other) ?? ''} ${task.id}`];
  });
  return lines.slice(0, mostTold).join('\n');
}

function relation(task: TaskView, other: TaskView): string | undefined {
  if (task.parentId === other.id) return 'the whole of';
  if (other.parentId === task.id) return 'a part of';
  if (task.dependencies.includes(other.id)) return 'must be done before';
  if (other.dependencies.includes(task.id)) return 'waits for';
  if (task.parentId !== null && task.parentId === other.parentId) return 'stands beside';
  return undefined;
}
