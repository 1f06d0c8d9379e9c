// MAESTRO_INSPECT: developers' tools on the real server, attached with the package's own receiver where it can do what
// the test needs (it cannot stop reading, nor tell that it was closed).
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { Api } from '../support/api.ts';
import { startServer, type Environment } from '../support/server.ts';
import { refusal, upgrade } from '../support/upgrade.ts';
import { Watch } from '../support/watch.ts';

const on = { MAESTRO_INSPECT: '1' };
const soon = { timeout: 10_000 };

/** Attached with the package's receiver: the messages that it hands on. */
function attach({ url }: Api, path = '/inspect'): StatelyInspectionEvent[] {
  const heard: StatelyInspectionEvent[] = [];
  createWebSocketReceiver({ server: url.replace('http', 'ws') + path }).subscribe((event) => {
    heard.push(event);
  });
  return heard;
}

async function open(socket: WebSocket): Promise<WebSocket> {
  onTestFinished(() => socket.terminate());
  await once(socket, 'open', { signal: AbortSignal.timeout(soon.timeout) });
  return socket;
}

const namesOf = (heard: StatelyInspectionEvent[]): string[] =>
  heard.flatMap((event) => (event.type === '@xstate.actor' ? [event.name] : []));

/** The message as far as tools draw it. */
const drawn = (event: StatelyInspectionEvent): unknown[] => {
  switch (event.type) {
    case '@xstate.actor':
      return ['actor', event.name, event.snapshot.value ?? event.snapshot.status];
    case '@xstate.event':
      return ['event', event.event.type];
    case '@xstate.snapshot':
      return ['snapshot', event.event.type, (event.snapshot as { value?: unknown }).value];
  }
};

describe('an inspector', () => {
  it('hears of the actors that are alive, with chart and state, then how a session moves', async () => {
    const { api } = await startServer(on);
    const projectId = await api.project();
    const taskId = await api.task(projectId);
    const id = await api.session(projectId, [taskId], { strategy: 'queue' });
    const heard = attach(api);
    await expect.poll(() => heard.length, soon).toBe(2);
    await api.patch(`/api/sessions/${id}`, { status: 'working' });
    await api.post(`/api/sessions/${id}/queue/start`);
    await api.patch(`/api/sessions/${id}`, { status: 'completed' });
    await expect
      .poll(() => heard.map(drawn), soon)
      .toContainEqual(['snapshot', 'session.complete', 'completed']);
    const ofSession = heard.filter(({ rootId }) => rootId === heard[0]?.rootId);
    expect(ofSession.map(drawn).slice(0, 3)).toEqual([
      ['actor', `session ${id}`, 'idle'],
      ['event', 'session.work'],
      ['snapshot', 'session.work', { working: 'active' }],
    ]);
    const ofQueue = heard.filter(({ rootId }) => rootId === heard[1]?.rootId);
    expect(ofQueue.map(drawn).slice(0, 3)).toEqual([
      ['actor', `queue of ${id}`, 'waiting'],
      ['event', 'queue.start'],
      ['snapshot', 'queue.start', 'processing'],
    ]);
    const [actor] = heard;
    if (actor?.type !== '@xstate.actor') throw new Error('the first message is no actor');
    expect(actor.snapshot.context).toMatchObject({ id, spawned: false });
    const chart = JSON.parse(actor.definition ?? '');
    expect(Object.keys(chart.states)).toContain('spawning');
    // What stands deepest in the chart is there, and not cut off.
    const { expected } = chart.states.spawning.states.awaitingAgent.states;
    expect(expected.on['deadline.passed']).toEqual({
      guard: 'isDue',
      target: 'overdue',
      actions: 'noteOverdue',
    });
    for (const event of heard)
      expect(event).toMatchObject({ _version: '0.7.2', sessionId: expect.any(String) });
  });

  it('hears of a spawn from its first event on, with its effects, and without its manifest', async () => {
    const { api } = await startServer(on);
    const projectId = await api.project();
    const taskId = await api.task(projectId, { title: 'words of the task' });
    const heard = attach(api);
    await expect
      .poll(async () => (await api.session(projectId), namesOf(heard).length), soon)
      .toBeGreaterThan(0);
    const before = heard.length;
    const spawned = await api.post('/api/sessions/spawn', {
      projectId,
      taskIds: [taskId],
      spawnSource: 'ui',
    });
    const name = `session ${spawned.body.sessionId}`;
    await expect
      .poll(() => namesOf(heard), soon)
      .toEqual(expect.arrayContaining([name, 'manifest', 'deadline']));
    const root = heard.find((event) => event.type === '@xstate.actor' && event.name === name);
    const effect = heard.find((event) => event.type === '@xstate.actor' && event.name === 'manifest');
    expect(effect).toMatchObject({ parentId: root?.sessionId, rootId: root?.sessionId });
    await expect.poll(() => heard.map(drawn), soon).toContainEqual(['event', 'manifest.made']);
    const made = heard.find(
      ({ type, event }: any) => type === '@xstate.event' && event.type === 'manifest.made',
    );
    expect(made).toMatchObject({ event: { manifest: '(not shown)', attempt: 1 } });
    const text = JSON.stringify(heard.slice(before));
    expect(text).not.toContain('words of the task');
    expect(text).not.toContain('timeline');
  });

  it('is told the same as another that is attached', async () => {
    const { api } = await startServer(on);
    const id = await api.session(await api.project());
    const [one, other] = [attach(api), attach(api)];
    await expect.poll(() => [one.length, other.length], soon).toEqual([1, 1]);
    await api.patch(`/api/sessions/${id}`, { status: 'working' });
    await expect.poll(() => [one.length, other.length], soon).toEqual([3, 3]);
    expect(one.map(drawn)).toEqual(other.map(drawn));
  });

  it('is closed with 1001 when the server stops, which does not wait for one that stays silent', async () => {
    const { api, maestro } = await startServer(on);
    await api.session(await api.project());
    const heard = attach(api);
    const good = await open(upgrade(api.url, '/inspect'));
    const silent = await open(upgrade(api.url, '/inspect'));
    silent.pause();
    await expect.poll(() => heard.length, soon).toBe(1);
    const closed = once(good, 'close', { signal: AbortSignal.timeout(soon.timeout) });
    const began = performance.now();
    await maestro.close();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await closed)[0]).toBe(1001);
  });
});

describe('an upgrade at /inspect', () => {
  it('is refused like that of any unknown path where MAESTRO_INSPECT is off, as it is by default', async () => {
    const environments: Environment[] = [{}, { MAESTRO_INSPECT: 'false' }];
    for (const environment of environments) {
      const { api } = await startServer(environment);
      expect(await refusal(upgrade(api.url, '/inspect'))).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('of a foreign page, for a foreign host, or without the token is refused', async () => {
    const { api } = await startServer({ ...on, MAESTRO_TOKEN: 'secret' });
    const ask = (path: string, headers = {}) => refusal(upgrade(api.url, path, headers));
    const withToken = '/inspect?token=secret';
    expect(await ask(withToken, { origin: 'https://evil.example' })).toEqual([403, 'FORBIDDEN']);
    expect(await ask(withToken, { host: 'evil.example' })).toEqual([403, 'FORBIDDEN']);
    expect(await ask('/inspect')).toEqual([401, 'UNAUTHORIZED']);
    const allowed = new Api(api.url, 'secret');
    const session = await allowed.session(await allowed.project());
    for (const path of [withToken, '/t/secret/inspect']) {
      const heard = attach(api, path);
      await expect.poll(() => namesOf(heard), soon).toEqual([`session ${session}`]);
    }
  });

  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  it.skipIf(outward === undefined)(
    'from another address than loopback is refused, also with the token',
    async () => {
      const { api } = await startServer({ ...on, HOST: '0.0.0.0', MAESTRO_TOKEN: 'secret' });
      const path = '/inspect?token=secret';
      const far = api.url.replace('127.0.0.1', outward ?? '');
      expect(await refusal(upgrade(far, path, { host: 'localhost' }))).toEqual([403, 'FORBIDDEN']);
      await open(upgrade(far, '/ws?token=secret', { host: 'localhost' }));
      await open(upgrade(api.url, path));
    },
  );

  it('comes in over IPv6 loopback, too', async () => {
    const { api } = await startServer(on);
    await open(upgrade(api.url.replace('127.0.0.1', '[::1]'), '/inspect'));
  });

  it('is refused when eight are there, until one has left', async () => {
    const { api } = await startServer(on);
    const sockets = [];
    for (let count = 0; count < 8; count += 1) sockets.push(await open(upgrade(api.url, '/inspect')));
    expect(await refusal(upgrade(api.url, '/inspect'))).toEqual([503, 'OVERLOADED']);
    sockets[0]?.close();
    await vi.waitUntil(
      async () => {
        const next = upgrade(api.url, '/inspect');
        next.on('error', () => undefined);
        const [code] = await Promise.race([once(next, 'open').then(() => [101]), refusal(next)]);
        if (code === 101) next.terminate();
        return code === 101;
      },
      { ...soon, interval: 50 },
    );
  });
});

describe('an inspector that never reads', () => {
  it('is closed with 1013, and nobody notices', async () => {
    const { api } = await startServer(on);
    const id = await api.session(await api.project(), [], { status: 'working' });
    const silent = await open(upgrade(api.url, '/inspect'));
    let bytes = 0;
    silent.on('message', (data: Buffer) => (bytes += data.length));
    silent.pause();
    const heard = attach(api);
    const watch = await Watch.open(api.url, '?view=changes');
    const question = 'x'.repeat(500_000);
    const minimal = { prefer: 'return=minimal' };
    // Each is told three times: with the event, with the snapshot that follows, and in its context.
    const rounds = 30;
    for (let round = 0; round < rounds; round += 1)
      await api.post(`/api/sessions/${id}/timeline`, { type: 'needs_input', message: question }, minimal);
    await api.patch(`/api/sessions/${id}`, { status: 'completed' });
    await watch.until(() => JSON.stringify(watch.heard.at(-1)).includes('completed'));
    await expect
      .poll(() => heard.map(drawn), soon)
      .toContainEqual(['snapshot', 'session.complete', 'completed']);
    const closed = once(silent, 'close', { signal: AbortSignal.timeout(soon.timeout) });
    silent.resume();
    expect((await closed)[0]).toBe(1013);
    expect(bytes).toBeLessThan(0.75 * rounds * 3 * question.length);
  });

  it('cannot fill the memory with the answers to its pings', async () => {
    const { api } = await startServer(on);
    const silent = await open(upgrade(api.url, '/inspect'));
    let pongs = 0;
    silent.on('pong', () => (pongs += 1));
    silent.pause();
    const pings = 100_000;
    const payload = Buffer.alloc(125, 1);
    for (let sent = 0; sent < pings; sent += 500) {
      for (let index = 1; index < 500; index += 1) silent.ping(payload);
      await new Promise<void>((resolve) => silent.ping(payload, true, () => resolve()));
    }
    const told = once(silent, 'message', { signal: AbortSignal.timeout(soon.timeout) });
    await api.session(await api.project());
    silent.resume();
    await told;
    expect(pongs).toBeLessThan(pings);
  });
});
