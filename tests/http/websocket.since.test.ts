// Coming back after a stop or a crash, and to a long story; all else is in tests/contract/websocket.since.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProcess, startServer } from '../support/server.ts';
import { type Heard, Watch } from '../support/watch.ts';

const numbers = (heard: Heard[]) => heard.map(({ seq }) => seq);

describe('a client that comes back with since', () => {
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
    await expect.poll(() => readdirSync(join(folder, 'data', 'projects'))).toEqual([`${projectId}.json`]);
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

  it('gets a pong also while it is still being told', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    for (let index = 0; index < 100; index += 1)
      await api.task(projectId, { description: 'x'.repeat(50_000) });
    const back = await Watch.open(api.url, '?since=0');
    back.socket.send('{"type":"ping"}');
    await back.fact('pong');
    await back.until(({ types }) => types.filter((type) => type === 'task:created').length === 100);
  });
});
