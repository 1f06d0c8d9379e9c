// What a connection hears, and in which form.
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { everything } from '../support/everything.ts';
import { open, stage, target } from './support/stage.ts';

const core = [
  ...['project:created', 'project:updated', 'project:deleted'],
  ...['task:created', 'task:updated', 'task:deleted', 'task:session_added', 'task:session_removed'],
  ...['session:created', 'session:updated', 'session:deleted', 'session:task_added', 'session:task_removed'],
  'session:spawn',
];
const queueFacts = [
  ...['queue:created', 'queue:updated', 'queue:item_started', 'queue:item_completed'],
  ...['queue:item_failed', 'queue:item_skipped', 'queue:item_pushed'],
];

describe('a connection', () => {
  it('hears exactly the 14 facts when it asks for nothing, at / and at /ws', async () => {
    const { api, listen } = stage();
    const watch = await listen();
    const query = target.token === undefined ? '' : `?token=${encodeURIComponent(target.token)}`;
    const root = new WebSocket(`${api.url.replace('http', 'ws')}/${query}`);
    await once(root, 'open');
    const heardAtRoot = new Map<number, unknown>();
    root.on('message', (data: Buffer) => {
      const fact = JSON.parse(data.toString('utf8')) as { seq: number };
      heardAtRoot.set(fact.seq, fact);
    });
    await everything(api);
    await watch.fact('project:deleted');
    expect([...new Set(watch.types)].sort()).toEqual([...core].sort());
    await expect.poll(() => heardAtRoot.has(watch.heard.at(-1)?.seq ?? 0)).toBe(true);
    expect(watch.heard.map(({ seq }) => heardAtRoot.get(seq))).toEqual(watch.heard);
    root.terminate();
  });

  it.each([
    ['queue', queueFacts],
    ['queue,template', queueFacts],
    ['all', queueFacts],
    ['template', []],
    ['nonsense', []],
  ])('with topics=%s hears more', async (topics, more) => {
    const { api, listen } = stage();
    const watch = await listen(`?topics=${topics}`);
    await everything(api);
    await watch.fact('project:deleted');
    expect([...new Set(watch.types)].sort()).toEqual([...core, ...more].sort());
  });

  it('sees gaps where a fact was not its own, and none with every topic', async () => {
    const { api, listen } = stage();
    const watch = await listen();
    const every = await open('?topics=all', () => true);
    const projectId = await api.project();
    await api.session(projectId, [], { strategy: 'queue' });
    await api.project();
    await watch.until(() => watch.heard.length === 3);
    expect(watch.types).toEqual(['project:created', 'session:created', 'project:created']);
    const [first, , last] = watch.heard.map(({ seq }) => seq);
    expect(last).toBeGreaterThanOrEqual((first ?? 0) + 3);
    await every.until(() => every.heard.at(-1)?.seq === last);
    const begin = every.heard[0]?.seq ?? 0;
    expect(every.heard.map(({ seq }) => seq)).toEqual(every.heard.map((_fact, index) => begin + index));
  });

  it('with projectId hears of that project alone, queues included', async () => {
    const { api, listen } = stage();
    const before = await listen();
    const mine = await api.project();
    const { seq } = await before.fact('project:created');
    const watch = await listen(`?topics=all&projectId=${mine}`);
    await everything(api);
    const task = await api.task(mine);
    const { body } = await api.post('/api/sessions/spawn', {
      projectId: mine,
      taskIds: [task],
      strategy: 'queue',
    });
    await api.post(`/api/sessions/${body.sessionId}/queue/start`);
    await watch.fact('queue:updated');
    expect(watch.types).toEqual([
      'task:created',
      'session:spawn',
      'queue:created',
      'session:task_added',
      'task:session_added',
      'task:updated',
      'queue:item_started',
      'task:updated',
      'session:updated',
      'queue:updated',
    ]);
    const replay = await listen(`?topics=all&projectId=${mine}&since=${seq}`);
    await replay.fact('queue:updated');
    expect(replay.types).toEqual(watch.types);
  });

  it('with projectId hears also what belongs to no project', async () => {
    const { api } = stage();
    const projectId = await api.project();
    const watch = await open(`?topics=template&projectId=${projectId}`, () => true);
    const { body } = await api.post('/api/templates', { name: 'Mine', role: 'worker', content: '#' });
    const created = await watch.fact('template:created', ({ data }) => data.id === body.id);
    expect(created.data).toEqual(body);
  });

  it('hears each fact in its envelope, with numbers that grow', async () => {
    const { api, listen } = stage();
    const watch = await listen('?topics=all');
    const before = Date.now();
    await everything(api);
    await watch.fact('project:deleted');
    for (const heard of watch.heard) {
      expect(Object.keys(heard).sort()).toEqual(['data', 'event', 'seq', 'timestamp', 'type']);
      expect(heard.event).toBe(heard.type);
      expect(Math.abs(heard.timestamp - before)).toBeLessThan(60_000);
    }
    const seqs = watch.heard.map(({ seq }) => seq);
    expect(seqs.every(Number.isInteger)).toBe(true);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  });
});
