// A data folder as the server would have left it after a clean stop.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const at = 1_790_000_000_000;

/**
 * @param {string} folder DATA_DIR
 * @param {{projects: number, tasks: number, sessions: number, entries: number, queues: number, status?: string}} sizes
 *   tasks and sessions go to the projects in turn; the first `queues` sessions have a queue of one item
 */
export function writeStored(folder, { projects, tasks, sessions, entries, queues, status = 'completed' }) {
  const write = (/** @type {string[]} */ path, /** @type {unknown} */ record) =>
    writeFileSync(join(folder, ...path), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  for (const kind of ['projects', 'tasks', 'sessions', 'queues', 'templates'])
    mkdirSync(join(folder, kind), { recursive: true, mode: 0o700 });
  const times = { createdAt: at, updatedAt: at };
  for (let index = 0; index < projects; index += 1) {
    const id = `proj_${index}`;
    write(['projects', `${id}.json`], {
      id,
      name: `P${index}`,
      workingDir: '/tmp',
      description: '',
      ...times,
    });
    mkdirSync(join(folder, 'tasks', id), { mode: 0o700 });
  }
  const sessionOf = (/** @type {number} */ task) => (task < queues ? [`sess_${task}`] : []);
  for (let index = 0; index < tasks; index += 1) {
    const [id, projectId] = [`task_${index}`, `proj_${index % projects}`];
    write(['tasks', projectId, `${id}.json`], {
      id,
      projectId,
      parentId: null,
      title: `Task ${index}`,
      description: 'What is to be done, in a sentence or two of ordinary length, as people write them.',
      initialPrompt: '',
      status: 'todo',
      priority: 'medium',
      ...times,
      startedAt: null,
      completedAt: null,
      sessionIds: sessionOf(index),
      skillIds: [],
      agentIds: [],
      dependencies: [],
    });
  }
  for (let index = 0; index < sessions; index += 1) {
    const id = `sess_${index}`;
    const hasQueue = index < queues;
    write(['sessions', `${id}.json`], {
      id,
      projectId: `proj_${index % projects}`,
      taskIds: hasQueue ? [`task_${index}`] : [],
      name: `Session ${index}`,
      env: {},
      strategy: hasQueue ? 'queue' : 'simple',
      status,
      startedAt: at,
      lastActivity: at,
      completedAt: status === 'completed' ? at : null,
      hostname: 'bench',
      platform: 'linux',
      events: [],
      moves: [],
      timeline: Array.from({ length: entries }, (_, entry) => ({
        id: `evt_${index}_${entry}`,
        type: 'progress',
        timestamp: at + entry,
        message: `Step ${entry} is done; on to the next.`,
      })),
      metadata: {},
    });
    if (hasQueue)
      write(['queues', `${id}.json`], {
        sessionId: id,
        strategy: 'queue',
        items: [{ taskId: `task_${index}`, status: 'queued', addedAt: at }],
        currentIndex: -1,
        ...times,
      });
  }
}
