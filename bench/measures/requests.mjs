// Changes and reads from twenty connections, beside a bare express server in the same run.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, perSecond, sideBySide } from '../support/client.mjs';
import { figure } from '../support/figure.mjs';
import { inFolder, start, startMaestro } from '../support/processes.mjs';

const SECONDS = 6;
const SUSTAINED_SECONDS = 60;
const echo = 'bare express echo';

export const measure = () =>
  inFolder(async (folder) => {
    const maestro = await startMaestro(folder);
    const bare = await start('limits/echo-server.mjs');
    const client = new Client(maestro.url, 20);
    try {
      const projectId = await client.project();
      const task = {
        projectId,
        title: 'A task of ordinary length',
        description: 'What is to be done.',
      };
      const post = { method: /** @type {const} */ ('POST'), body: JSON.stringify(task) };
      const tasks = `${maestro.url}/api/tasks`;
      /** @type {string[]} */
      const ids = [];
      await sideBySide(200, 20, async () => {
        ids.push((await client.ask('POST', '/api/tasks', task)).id);
      });
      const change = JSON.stringify({ title: 'Another title', priority: 'high' });
      const patches = ids.map((id) => ({
        method: /** @type {const} */ ('PATCH'),
        path: `/api/tasks/${id}`,
        body: change,
      }));

      await perSecond(bare.url, { ...post, duration: 3 }); // Both are warm when it counts.
      await perSecond(maestro.url, { requests: patches, duration: 3 });
      const patched = await perSecond(maestro.url, { requests: patches, duration: SECONDS });
      const echoed = await perSecond(bare.url, { method: 'POST', body: change, duration: SECONDS });
      const limit = await perSecond(bare.url, { ...post, duration: SECONDS });
      const created = await perSecond(tasks, { ...post, duration: SECONDS });
      const sustained = await perSecond(tasks, { ...post, duration: SUSTAINED_SECONDS });
      return [
        figure(`durable task creation, 20 connections, ${SECONDS} s`, {
          unit: '1/s',
          ours: created,
          limit,
          against: echo,
          atLeast: 0.7,
        }),
        figure(`the same for ${SUSTAINED_SECONDS} s`, {
          unit: '1/s',
          ours: sustained,
          limit,
          against: echo,
          atLeast: 0.4,
        }),
        figure('PATCH a task, 200 ids, 20 connections', {
          unit: '1/s',
          ours: patched,
          limit: echoed,
          against: echo,
          atLeast: 0.7,
        }),
      ];
    } finally {
      client.close();
      await maestro.stop();
      await bare.stop();
    }
  });

const STORED = { tasks: 10_000, projects: 10 };

export const measureReads = () =>
  inFolder(async (folder) => {
    const { writeStored } = await import('../support/stored.mjs');
    const data = join(folder, 'data');
    writeStored(data, { ...STORED, sessions: 0, entries: 0, queues: 0 });
    const maestro = await startMaestro(folder);
    const client = new Client(maestro.url);
    const figures = [];
    try {
      for (const [work, path] of [
        ['GET one task', '/api/tasks/task_77'],
        ['list the 1,000 tasks of one project among 10,000', '/api/tasks?projectId=proj_7'],
      ]) {
        const file = join(folder, 'answer.json');
        writeFileSync(file, await client.text('GET', path ?? ''));
        const bare = await start('limits/echo-server.mjs', { ANSWER_FILE: file });
        try {
          await perSecond(bare.url, { duration: 2 });
          await perSecond(maestro.url + path, { duration: 2 });
          const limit = await perSecond(bare.url, { duration: SECONDS });
          const ours = await perSecond(maestro.url + path, { duration: SECONDS });
          figures.push(
            figure(work ?? '', {
              unit: '1/s',
              ours,
              limit,
              against: 'bare express, same bytes',
              atLeast: 0.85,
            }),
          );
        } finally {
          await bare.stop();
        }
      }
    } finally {
      client.close();
      await maestro.stop();
    }
    return figures;
  });
