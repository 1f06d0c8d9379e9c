// Session files of older versions, as the server leaves them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startServer } from '../support/server.ts';
import { session, task } from '../records/arrange.ts';

it('an old session with taskId has taskIds in its place, also in its file, whatever else is in it', async () => {
  const folder = temporaryFolder();
  const pathOf = (...names: string[]) => join(folder, 'data', ...names);
  const write = (path: string, record: object): void => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, JSON.stringify(record));
  };
  write(pathOf('tasks', 'proj_a', 'task_a.json'), task('task_a'));
  const old = { ...session('sess_a'), taskIds: undefined, taskId: 'task_a' };
  write(pathOf('sessions', 'sess_a.json'), old);
  write(pathOf('sessions', 'sess_b.json'), { ...session('sess_b'), taskIds: ['task_a'], taskId: 'task_a' });
  const { api } = await startServer({}, folder);
  for (const id of ['sess_a', 'sess_b']) {
    const shown = (await api.get(`/api/sessions/${id}`)).body;
    expect([shown.taskIds, 'taskId' in shown]).toEqual([['task_a'], false]);
    const file = () => JSON.parse(readFileSync(pathOf('sessions', `${id}.json`), 'utf8'));
    await expect.poll(() => 'taskId' in file(), { timeout: 10_000 }).toBe(false);
    expect(file().taskIds).toEqual(['task_a']);
  }
});
