// Coming back: what was missed is sent first. Restarts and crashes are in tests/http/websocket.since.
import { describe, expect, it } from 'vitest';
import type { Heard } from '../support/watch.ts';
import { stage } from './support/stage.ts';

const numbers = (heard: Heard[]) => heard.map(({ seq }) => seq);

describe('a client that comes back with since', () => {
  it('gets what it missed in order and exactly once, then what is new', async () => {
    const { api, listen } = stage();
    const all = await listen('?topics=all');
    const projectId = await api.project();
    const tasks = [await api.task(projectId), await api.task(projectId)];
    const id = await api.session(projectId, tasks, { strategy: 'queue' });
    await api.post(`/api/sessions/${id}/queue/start`);
    await all.fact('queue:updated');
    for (const { seq } of all.heard) {
      const watch = await listen(`?topics=all&since=${seq}`);
      const marker = await api.task(projectId);
      for (const each of [watch, all]) await each.fact('task:created', ({ data }) => data.id === marker);
      expect(numbers(watch.heard)).toEqual(numbers(all.heard.filter((heard) => heard.seq > seq)));
    }
  });

  it('is shown entities as they are now, and not those that are gone; deletions it hears of', async () => {
    const { api, listen } = stage();
    const live = await listen();
    const projectId = await api.project();
    const { seq } = await live.fact('project:created');
    const [kept, gone] = [await api.task(projectId), await api.task(projectId)];
    await api.patch(`/api/tasks/${kept}`, { title: 'Now' });
    await api.delete(`/api/tasks/${gone}`);
    const watch = await listen(`?since=${seq}`);
    await watch.fact('task:deleted', ({ data }) => data.id === gone);
    expect(watch.heard.map(({ type, data }) => [type, data.id, data.title])).toEqual([
      ['task:created', kept, 'Now'],
      ['task:updated', kept, 'Now'],
      ['task:deleted', gone, undefined],
    ]);
  });

  it('gets exact changes with view=changes', async () => {
    const { api, listen } = stage();
    const live = await listen('?view=changes');
    const id = await api.session(await api.project());
    const { seq } = await live.fact('session:created');
    for (const name of ['A', 'B'])
      await api.patch(`/api/sessions/${id}`, { name, timeline: [{ message: name }] });
    const updates = (heard: Heard[]) => heard.filter(({ type }) => type === 'session:updated');
    await live.until(() => updates(live.heard).length === 2);
    const watch = await listen(`?view=changes&since=${seq}`);
    await watch.until(() => watch.heard.length === 2);
    expect(watch.heard).toEqual(updates(live.heard));
  });

  it('is told to resync when it is ahead of the server, and hears on from there', async () => {
    const { api, listen } = stage();
    const live = await listen();
    await api.project();
    const now = await live.fact('project:created');
    const watch = await listen(`?since=${Number.MAX_SAFE_INTEGER}`);
    const resync = await watch.fact('resync');
    expect(Object.keys(resync).sort()).toEqual(['seq', 'type']);
    expect(resync.seq).toBeGreaterThanOrEqual(now.seq);
    await api.project();
    const { seq } = await watch.fact('project:created');
    expect(seq).toBeGreaterThan(resync.seq);
    expect(watch.types).toEqual(['resync', 'project:created']);
  });

  it('misses nothing and hears nothing twice while changes go on', async () => {
    const { api, listen } = stage();
    const live = await listen();
    const projectId = await api.project();
    const { seq } = await live.fact('project:created');
    const changes = Array.from({ length: 60 }, () => api.task(projectId));
    const watches = await Promise.all([1, 2, 3, 4].map(() => listen(`?since=${seq}`)));
    await Promise.all(changes);
    const marker = await api.task(projectId);
    for (const watch of [live, ...watches])
      await watch.fact('task:created', ({ data }) => data.id === marker);
    expect(numbers(live.heard)).toHaveLength(62);
    for (const watch of watches) expect(numbers(watch.heard)).toEqual(numbers(live.heard).slice(1));
  });

  it('hears nothing twice when it has missed nothing', async () => {
    const { api, listen } = stage();
    const live = await listen();
    await api.project();
    const { seq } = await live.fact('project:created');
    const watch = await listen(`?since=${seq}`);
    await api.project();
    await watch.fact('project:created');
    expect(watch.types).toEqual(['project:created']);
    expect(watch.heard[0]?.seq).toBeGreaterThan(seq);
  });

  it('hears of its topics alone, as a connection that was there would have', async () => {
    const { api, listen } = stage();
    const [plain, queue] = [await listen(), await listen('?topics=queue')];
    const projectId = await api.project();
    const { seq } = await plain.fact('project:created');
    const id = await api.session(projectId, [await api.task(projectId)], { strategy: 'queue' });
    await api.post(`/api/sessions/${id}/queue/start`);
    await queue.fact('queue:updated');
    for (const [query, live] of [
      ['', plain],
      ['&topics=queue', queue],
    ] as const) {
      const watch = await listen(`?since=${seq}${query}`);
      const marker = await api.task(projectId);
      for (const each of [watch, live]) await each.fact('task:created', ({ data }) => data.id === marker);
      expect(numbers(watch.heard)).toEqual(numbers(live.heard.filter((heard) => heard.seq > seq)));
    }
  });

  it.each(['x', '-1', '1.5', 'Infinity'])('is refused with 400 when since is %s', async (since) => {
    await expect(stage().listen(`?since=${since}`)).rejects.toThrow(/400/);
  });
});
