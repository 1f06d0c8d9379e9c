// What comes after what, and what is true when it comes.
import { describe, expect, it } from 'vitest';
import type { Answer } from '../support/api.ts';
import type { Heard, Watch } from '../support/watch.ts';
import { stage } from './support/stage.ts';

/** Asks in the same moment in which a fact of these types arrives, as the UI does. */
function askAt(watch: Watch, types: string[], ask: () => Promise<Answer>): Promise<Answer>[] {
  const asked: Promise<Answer>[] = [];
  watch.socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(data.toString('utf8')) as Heard;
    if (types.includes(type)) asked.push(ask());
  });
  return asked;
}

const statuses = async (asked: Promise<Answer>[]) => (await Promise.all(asked)).map(({ status }) => status);

describe('the facts of a deletion', () => {
  it('of a session are its associations, then session:deleted, and a GET is 404 from the first on', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [one, two] = [await api.task(projectId), await api.task(projectId)];
    const sessionId = await api.session(projectId, [one, two]);
    const watch = await listen(`?projectId=${projectId}`);
    const types = ['session:task_removed', 'task:session_removed', 'session:deleted'];
    const asked = askAt(watch, types, () => api.get(`/api/sessions/${sessionId}`));
    await api.delete(`/api/sessions/${sessionId}`);
    await watch.fact('session:deleted');
    const told = watch.heard.map(({ type, data }) => [type, data.taskId]);
    expect(told.at(-1)).toEqual(['session:deleted', undefined]);
    expect(told.slice(0, -1).sort()).toEqual(
      [
        ['session:task_removed', one],
        ['session:task_removed', two],
        ['task:session_removed', one],
        ['task:session_removed', two],
      ].sort(),
    );
    expect(await statuses(asked)).toEqual([404, 404, 404, 404, 404]);
    for (const id of [one, two]) expect((await api.get(`/api/tasks/${id}`)).body.sessionIds).toEqual([]);
  });

  it('of a task come before task:deleted, and a GET is 404 from the first on', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const parentId = await api.task(projectId);
    const taskId = await api.task(projectId, { parentId });
    const child = await api.task(projectId, { parentId: taskId });
    const sessionId = await api.session(projectId, [taskId], { strategy: 'queue' });
    const watch = await listen(`?topics=queue&projectId=${projectId}`);
    const types = ['session:task_removed', 'task:session_removed', 'task:updated', 'task:deleted'];
    const asked = askAt(watch, types, () => api.get(`/api/tasks/${taskId}`));
    await api.delete(`/api/tasks/${taskId}`);
    await watch.fact('task:deleted');
    expect(watch.types.at(-1)).toBe('task:deleted');
    expect(watch.types).toEqual(expect.arrayContaining([...types, 'queue:item_skipped']));
    const moved = watch.heard.find(({ type, data }) => type === 'task:updated' && data.id === child);
    expect(moved?.data.parentId).toBe(parentId);
    const answered = await statuses(asked);
    expect(answered.length).toBeGreaterThanOrEqual(4);
    expect(new Set(answered)).toEqual(new Set([404]));
    expect((await api.get(`/api/sessions/${sessionId}`)).body.taskIds).toEqual([]);
  });

  it('of a project come when a GET is 404', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const watch = await listen(`?projectId=${projectId}`);
    const asked = askAt(watch, ['project:deleted'], () => api.get(`/api/projects/${projectId}`));
    await api.delete(`/api/projects/${projectId}`);
    await watch.fact('project:deleted');
    expect(await statuses(asked)).toEqual([404]);
  });
});

describe('the facts of one entity', () => {
  it('arrive in the order in which they became true, each as it was then', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [taskId, sessionId] = [await api.task(projectId), await api.session(projectId)];
    const watch = await listen();
    const count = 30;
    // At the same time, so that the order is the server's own.
    const answers = await Promise.all(
      Array.from({ length: count }, async (_item, index) => [
        (await api.patch(`/api/tasks/${taskId}`, { title: `T${index}` })).body,
        (await api.post(`/api/sessions/${sessionId}/timeline`, { message: `M${index}` })).body,
      ]),
    );
    await watch.until(() => watch.heard.length === 2 * count);
    const of = (type: string): any[] =>
      watch.heard.filter((heard) => heard.type === type).map(({ data }) => data);
    expect(of('session:updated').map(({ timeline }) => timeline.length)).toEqual(
      Array.from({ length: count }, (_item, index) => index + 2),
    );
    const titles = of('task:updated').map(({ title }) => title);
    expect([...titles].sort()).toEqual(answers.map(([task]) => task.title).sort());
    expect(titles.at(-1)).toBe((await api.get(`/api/tasks/${taskId}`)).body.title);
    const seqs = watch.heard.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it('arrive alike on every connection', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const watches = [await listen(), await listen(), await listen()];
    const tasks = await Promise.all([1, 2, 3, 4, 5].map(() => api.task(projectId)));
    await Promise.all(tasks.map((id) => api.patch(`/api/tasks/${id}`, { priority: 'high' })));
    for (const watch of watches) await watch.until(() => watch.heard.length === 10);
    for (const watch of watches) expect(watch.heard).toEqual(watches[0]?.heard);
  });
});
