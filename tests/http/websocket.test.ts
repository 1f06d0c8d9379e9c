// What a connection hears through a restart and past a deadline; all else is in tests/contract/websocket*.
import { describe, expect, it } from 'vitest';
import { apply } from '../support/changes.ts';
import { everything } from '../support/everything.ts';
import { startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';
import { startStage } from './spawning.ts';

describe('a connection', () => {
  it('hears facts numbered one by one over all kinds, on through a restart', async () => {
    const server = await startServer();
    const { api } = server;
    const watch = await Watch.open(api.url, '?topics=all&view=changes');
    const { seq } = (await api.get('/health')).body;
    await everything(api);
    await watch.fact('project:deleted');
    for (const [index, heard] of watch.heard.entries()) expect(heard.seq - index - 1).toBe(seq);
    const last = watch.heard.at(-1)?.seq ?? 0;
    const again = await server.restart();
    const next = await Watch.open(again.api.url);
    await again.api.project();
    expect((await next.fact('project:created')).seq).toBe(last + 1);
  });
});

describe('view=changes', () => {
  it('adds up to the whole session when a spawn becomes overdue and its agent speaks after all', async () => {
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
    for (const { type, data } of watch.heard) if (type === 'session:updated') apply(built, data);
    expect(built).toEqual((await api.get(path)).body);
  });
});
