// Coming back: since, replays, resync.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProcess, startServer } from '../support/server.ts';
import { type Heard, Watch } from '../support/watch.ts';

const numbers = (heard: Heard[]) => heard.map(({ seq }) => seq);

describe('a client that comes back with since', () => {
  it('gets what it missed in order and exactly once, then what is new', async () => {
    const { api } = await startServer();
    const all = await Watch.open(api.url, '?topics=all');
    const projectId = await api.project();
    const tasks = [await api.task(projectId), await api.task(projectId)];
    const id = await api.session(projectId, tasks, { strategy: 'queue' });
    await api.post(`/api/sessions/${id}/queue/start`);
    await all.fact('queue:updated');
    for (const { seq } of [{ seq: 0 }, ...all.heard]) {
      const watch = await Watch.open(api.url, `?topics=all&since=${seq}`);
      const marker = await api.task(projectId);
      await watch.fact('task:created', ({ data }) => data.id === marker);
      const missed = all.heard.filter((heard) => heard.seq > seq);
      await all.fact('task:created', ({ data }) => data.id === marker);
      expect(numbers(watch.heard)).toEqual(numbers(all.heard.filter((heard) => heard.seq > seq)));
      expect(watch.types.slice(0, missed.length)).toEqual(missed.map(({ type }) => type));
    }
  });

  it('misses nothing and hears nothing twice while changes go on', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    const changes = Array.from({ length: 60 }, (_item, index) =>
      api.task(projectId, { title: String(index) }),
    );
    const watches = await Promise.all([1, 2, 3, 4].map(() => Watch.open(api.url, '?since=1')));
    await Promise.all(changes);
    for (const watch of watches) {
      await watch.until(() => watch.heard.length >= 60);
      expect(numbers(watch.heard)).toEqual(Array.from({ length: 60 }, (_item, index) => index + 2));
    }
  });

  it('is shown entities as they are now, and not those that are gone; deletions it hears of', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    const [kept, gone] = [await api.task(projectId), await api.task(projectId)];
    await api.patch(`/api/tasks/${kept}`, { title: 'Now' });
    await api.delete(`/api/tasks/${gone}`);
    const watch = await Watch.open(api.url, '?since=1');
    await watch.fact('task:deleted');
    expect(watch.heard.map(({ type, data }) => [type, data.id, data.title])).toEqual([
      ['task:created', kept, 'Now'],
      ['task:updated', kept, 'Now'],
      ['task:deleted', gone, undefined],
    ]);
  });

  it('gets exact changes with view=changes', async () => {
    const { api } = await startServer();
    const id = await api.session(await api.project());
    const live = await Watch.open(api.url, '?view=changes');
    for (const name of ['A', 'B'])
      await api.patch(`/api/sessions/${id}`, { name, timeline: [{ message: name }] });
    await live.until(() => live.heard.length === 2);
    const watch = await Watch.open(api.url, '?view=changes&since=2');
    await watch.until(() => watch.heard.length === 2);
    expect(watch.heard).toEqual(live.heard);
  });

  it('is told to resync when it is ahead of the server, and hears on from there', async () => {
    const { api } = await startServer();
    await api.project();
    const watch = await Watch.open(api.url, '?since=99');
    const resync = await watch.fact('resync');
    expect(resync).toEqual({ type: 'resync', seq: 1 });
    await api.project();
    expect((await watch.fact('project:created')).seq).toBe(2);
    expect(watch.types).toEqual(['resync', 'project:created']);
  });

  it('hears nothing when it has missed nothing', async () => {
    const { api } = await startServer();
    await api.project();
    const watch = await Watch.open(api.url, '?since=1');
    await api.project();
    await watch.fact('project:created');
    expect(numbers(watch.heard)).toEqual([2]);
  });

  it.each(['x', '-1', '1.5', 'Infinity'])('is refused with 400 when since is %s', async (since) => {
    const { api } = await startServer();
    await expect(Watch.open(api.url, `?since=${since}`)).rejects.toThrow(/400/);
  });

  it('is told to resync after a clean stop, but not when it has missed nothing', async () => {
    const server = await startServer();
    await server.api.project();
    await server.api.project();
    const { api } = await server.restart();
    const [behind, current] = [await Watch.open(api.url, '?since=1'), await Watch.open(api.url, '?since=2')];
    expect(await behind.fact('resync')).toEqual({ type: 'resync', seq: 2 });
    await api.project();
    expect((await current.fact('project:created')).seq).toBe(3);
    expect(current.types).toEqual(['project:created']);
  });

  it('gets what it missed also when the server was killed in between', async () => {
    const first = await startProcess();
    const watch = await Watch.open(first.api.url);
    const projectId = await first.api.project();
    const id = await first.api.session(projectId, [await first.api.task(projectId)]);
    await first.api.patch(`/api/sessions/${id}`, { timeline: [{ message: 'last' }] });
    await watch.fact('session:updated');
    await first.kill();
    const { api, folder } = await startProcess({}, first.folder);
    const again = await Watch.open(api.url, '?since=0');
    await again.fact('session:updated');
    expect(again.heard.map(({ type, seq }) => [type, seq])).toEqual(
      watch.heard.map(({ type, seq }) => [type, seq]),
    );
    expect((await again.fact('session:created')).data.timeline.at(-1).message).toBe('last');
    expect(readdirSync(join(folder, 'data', 'projects'))).toEqual([`${projectId}.json`]);
  });
});

describe('a long replay', () => {
  it('of a session with a long story leaves out what gives way to newer facts', async () => {
    const { api } = await startServer();
    const id = await api.session(await api.project());
    const timeline = Array.from({ length: 400 }, () => ({ message: 'm'.repeat(2_000) }));
    await api.patch(`/api/sessions/${id}`, { timeline });
    const changes = Array.from({ length: 400 }, (_item, index) =>
      api.patch(`/api/sessions/${id}`, { name: `N${index}` }, { Prefer: 'return=minimal' }),
    );
    await Promise.all(changes);
    const { seq } = (await api.get('/health')).body;
    const watch = await Watch.open(api.url, '?since=0');
    await watch.until(() => watch.heard.at(-1)?.seq === seq);
    expect(watch.heard.length, 'whole sessions that gave way are not sent').toBeLessThan(changes.length / 10);
    expect(watch.heard.at(-1)?.data.timeline).toHaveLength(401);
    expect(numbers(watch.heard)).toEqual([...numbers(watch.heard)].sort((a, b) => a - b));
  });
});
