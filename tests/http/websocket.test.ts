// What a connection hears, and in which form.
import { describe, expect, it } from 'vitest';
import { everything } from '../support/everything.ts';
import { startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';
import { startStage } from './spawning.ts';

describe('a connection', () => {
  it('hears each fact in its envelope, numbered one by one over all kinds, on through a restart', async () => {
    const server = await startServer();
    const { api } = server;
    const watch = await Watch.open(api.url, '?topics=all');
    const { seq } = (await api.get('/health')).body;
    await everything(api);
    await watch.fact('project:deleted');
    for (const [index, heard] of watch.heard.entries()) expect(heard.seq - index - 1).toBe(seq);
    for (const heard of watch.heard) {
      expect(Object.keys(heard)).toEqual(['type', 'event', 'data', 'timestamp', 'seq']);
      expect(heard.event).toBe(heard.type);
      expect(Math.abs(Date.now() - heard.timestamp)).toBeLessThan(60_000);
    }
    const last = watch.heard.at(-1)?.seq ?? 0;
    const again = await server.restart();
    const next = await Watch.open(again.api.url);
    await again.api.project();
    expect((await next.fact('project:created')).seq).toBe(last + 1);
  });
});

describe('view=changes', () => {
  it('adds up to the whole session, also of a spawn that becomes overdue and is respawned', async () => {
    const { api, spawn } = await startStage({ SPAWN_DEADLINE_MS: '30' });
    const { session } = (await spawn()).body;
    const path = `/api/sessions/${session.id}`;
    const watch = await Watch.open(api.url, '?view=changes&since=3');
    await watch.fact('session:updated', ({ data }) => data.changes.overdue === true);
    await api.post(`${path}/timeline`, { message: 'm' });
    await api.patch(path, { status: 'working', metadata: { x: 1 } });
    await api.patch(path, { status: 'failed' });
    await watch.fact('session:updated', ({ data }) => data.changes.status === 'failed');
    const built = structuredClone(session);
    for (const { data } of watch.heard.filter(({ type }) => type === 'session:updated')) {
      for (const [name, value] of Object.entries(data.changes))
        if (value === null && name !== 'completedAt') delete built[name];
        else built[name] = value;
      for (const [list, items] of Object.entries(data.appended ?? {}))
        built[list].push(...(items as object[]));
    }
    expect(built).toEqual((await api.get(path)).body);
  });
});
