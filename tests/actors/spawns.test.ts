import { expect, it } from 'vitest';
import { join } from '../../src/actors/associations.ts';
import { addEntries, changeSession, claimSpawn } from '../../src/actors/sessions.ts';
import { startNext } from '../../src/actors/queue-moves.ts';
import { deleteTask } from '../../src/actors/tasks.ts';
import type { SpawnRequest } from '../../src/domain/spawn.ts';
import { codeOf, settle } from '../records/arrange.ts';
import { DEADLINE_MS, Harness } from './harness.ts';

const associations = ['session:task_added', 'task:session_added', 'session:task_added', 'task:session_added'];

/** A spawn whose manifest failed. */
async function failed(harness: Harness, more: Partial<SpawnRequest> = {}) {
  const spawning = await harness.spawning(more);
  spawning.asked.fail('broken');
  expect(await codeOf(spawning.outcome)).toBe('manifest_generation_failed');
  return spawning;
}

it('a spawn is told when its manifest is on disk, first of all and with its tasks behind it', async () => {
  const harness = new Harness();
  const { id, taskIds, outcome, asked } = await harness.spawning();
  expect(harness.told().filter((type) => type.startsWith('session'))).toEqual([]);
  expect(harness.session(id)).toMatchObject({ status: 'spawning', phase: 'generatingManifest', taskIds });
  asked.make();
  const session = await outcome;
  expect(harness.told()).toEqual(['session:spawn', ...associations]);
  const manifestPath = `${harness.world.sessionDir}/${id}/manifest.json`;
  expect(session).toMatchObject({
    id,
    name: `Worker for ${taskIds[0] ?? ''}`,
    manifestPath,
    announced: true,
    env: { MAESTRO_SESSION_ID: id, MAESTRO_MANIFEST_PATH: manifestPath, MAESTRO_STRATEGY: 'simple' },
  });
  expect(taskIds.map((taskId) => harness.task(taskId).sessionIds)).toEqual([[id], [id]]);
});

it('the manifest goes with the fact, as it was on disk', async () => {
  const harness = new Harness();
  await harness.spawned();
  const spawns = harness.commits.flatMap(({ facts, live }) =>
    facts.flatMap((fact) =>
      fact.type === 'session:spawn' ? [{ ...fact.data, ...live?.get(fact.seq) }] : [],
    ),
  );
  expect(spawns).toEqual([{ manifest: { manifestVersion: '1.0', attempt: 1 } }]);
});

it('a spawn with a queue tells of queue and tasks with the announcement, not before', async () => {
  const harness = new Harness();
  const { id, outcome, asked, taskIds } = await harness.spawning({ strategy: 'queue' });
  expect(harness.told().filter((type) => !/^(project|task):created$/.test(type))).toEqual([]);
  expect(harness.queue(id).items.map(({ taskId, status }) => [taskId, status])).toEqual(
    taskIds.map((taskId) => [taskId, 'queued']),
  );
  expect(harness.task(taskIds[0] ?? '').sessionStatus).toBe('queued');
  asked.make();
  await outcome;
  expect(harness.told()).toEqual([
    'session:spawn',
    'queue:created',
    ...associations,
    'task:updated',
    'task:updated',
  ]);
});

it('a queue that starts before its spawn was announced tells each of its tasks once', async () => {
  const harness = new Harness();
  const { id, outcome } = await harness.spawning({ strategy: 'queue' });
  harness.told();
  await harness.tell(id, startNext);
  expect(await codeOf(outcome)).toBe('spawn_error');
  expect(harness.told()).toEqual([
    'queue:created',
    ...associations,
    'queue:item_started',
    'task:updated',
    'task:updated',
    'session:updated',
    'queue:updated',
  ]);
});

it('a spawn that comes to nothing is told as an update, with its tasks', async () => {
  const harness = new Harness();
  const { asked, outcome } = await harness.spawning();
  harness.told();
  asked.fail('broken');
  await codeOf(outcome);
  expect(harness.told()).toEqual([...associations, 'session:updated']);
});

it('a respawn is announced without its tasks, which are known', async () => {
  const harness = new Harness();
  const { id } = await failed(harness);
  const again = harness.spawns.respawn(id, () => undefined);
  const second = await harness.manifest(2);
  harness.told();
  second.make();
  expect(await again).toMatchObject({ id, attempt: 2, phase: 'expected', manifestFailedAt: null });
  expect(harness.told()).toEqual(['session:spawn']);
});

it('a session that was never told of and moves on is told with its tasks', async () => {
  const harness = new Harness();
  const { id, outcome } = await harness.spawning();
  harness.told();
  await harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'working' }));
  expect(await codeOf(outcome)).toBe('spawn_error');
  expect(harness.told()).toEqual([...associations, 'session:updated']);
});

it('the reason of a failed spawn is told though its session’s story goes on in the same sync', async () => {
  const harness = new Harness();
  const { id, asked, outcome, taskIds } = await harness.spawning();
  harness.storage.hold();
  asked.fail('broken');
  await harness.until(() => harness.records.newest('session', id)?.status === 'failed');
  const deleted = taskIds.map((taskId) =>
    harness.records.turn((turn) => deleteTask(turn, harness.directory, taskId)),
  );
  harness.storage.release();
  await expect(outcome).rejects.toThrow('Failed to generate manifest: broken');
  await Promise.all(deleted);
});

it('an equal spawn takes the failed one up again, up to 60 s after it failed', async () => {
  const harness = new Harness();
  const more = { sessionName: 'Mine', skills: ['a', 'b'] };
  const { id, projectId, taskIds } = await failed(harness, more);
  harness.clock.advance(60_000);
  const again = harness.spawn(projectId, taskIds, more);
  (await harness.manifest(2)).make();
  expect(await again).toMatchObject({ id, attempt: 2 });
  expect(harness.records.count('session')).toBe(1);
});

it('a moment later an equal spawn makes a new session', async () => {
  const harness = new Harness();
  const { id, projectId, taskIds } = await failed(harness);
  harness.clock.advance(60_001);
  const again = harness.spawn(projectId, taskIds);
  (await harness.manifest(2)).make();
  expect((await again).id).not.toBe(id);
  expect(harness.session(id).status).toBe('failed');
});

it('a spawn that differs in parent, tasks, role, strategy, name or skills makes a new session', async () => {
  const harness = new Harness();
  const parent = await harness.created();
  const { id, projectId, taskIds } = await failed(harness);
  const others: [string[], Partial<SpawnRequest>][] = [
    [taskIds, { parentId: parent, spawnSource: 'session' }],
    [taskIds.slice(0, 1), {}],
    [taskIds.toReversed(), {}],
    [taskIds, { role: 'orchestrator' }],
    [taskIds, { strategy: 'tree' }],
    [taskIds, { sessionName: 'Other' }],
    [taskIds, { skills: ['other'] }],
  ];
  harness.generator.prompt = true;
  for (const [ids, more] of others) expect((await harness.spawn(projectId, ids, more)).id).not.toBe(id);
});

it('a spawn that failed for another reason than its manifest is not taken up', async () => {
  const harness = new Harness();
  const { id, projectId, taskIds } = await harness.spawned();
  await harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'failed' }));
  harness.generator.prompt = true;
  expect((await harness.spawn(projectId, taskIds)).id).not.toBe(id);
});

it('who asks for the outcome of an older attempt does not wait for the present one', async () => {
  const harness = new Harness();
  const { id } = await failed(harness);
  const again = harness.spawns.respawn(id, () => undefined);
  const { make } = await harness.manifest(2);
  expect(await codeOf(harness.spawns.outcome({ id, attempt: 1 }))).toBe('spawn_error');
  make();
  expect((await again).attempt).toBe(2);
});

it('a spawn that was taken up and is lost stays failed, and leaves no supervisor', async () => {
  const harness = new Harness();
  const { id, projectId, taskIds } = await failed(harness);
  await harness.until(() => harness.directory.size === 0);
  harness.storage.hold();
  const lost = codeOf(harness.spawn(projectId, taskIds));
  await settle();
  harness.storage.lose();
  expect(await lost).toBe('STORAGE_UNAVAILABLE');
  await harness.until(() => harness.directory.size === 0);
  expect(harness.session(id)).toMatchObject({ status: 'failed', attempt: 1 });
  expect(harness.generator.asked).toHaveLength(1);
});

it('only a spawn that failed or is overdue can be tried again', async () => {
  const harness = new Harness();
  const { id } = await harness.spawned();
  const respawn = () => harness.spawns.respawn(id, () => undefined);
  expect(await codeOf(respawn())).toBe('BUSINESS_RULE_ERROR');
  await harness.until(() => harness.clock.waitedFor.length === 1);
  await harness.tell(id, (turn, session) => claimSpawn(turn, session, 'desk'));
  harness.clock.advance(DEADLINE_MS);
  await harness.until(() => harness.session(id).phase === 'overdue');
  const again = respawn();
  (await harness.manifest(2)).make();
  expect(await again).toMatchObject({ attempt: 2, phase: 'expected', claimedBy: null });
  await harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'stopped' }));
  expect(await codeOf(respawn())).toBe('BUSINESS_RULE_ERROR');
  const created = await harness.created({ status: 'failed' });
  expect(await codeOf(harness.spawns.respawn(created, () => undefined))).toBe('BUSINESS_RULE_ERROR');
});

it('a stop refuses the waiting request, and the next start goes on with the spawn', async () => {
  const harness = new Harness();
  const { id, outcome } = await harness.spawning();
  harness.stop();
  expect(await codeOf(outcome)).toBe('STORAGE_UNAVAILABLE');
  expect(harness.session(id).phase).toBe('generatingManifest');
  const again = await harness.restart();
  (await again.manifest()).make();
  await again.until(() => again.session(id).phase === 'expected');
});

it('many waiting spawns do not make Node warn of a leak', async () => {
  const warnings: string[] = [];
  const hear = ({ name }: Error) => warnings.push(name);
  process.on('warning', hear);
  try {
    const harness = new Harness();
    const projectId = await harness.project();
    const taskIds = await harness.tasks(projectId, 1);
    const spawned = Array.from({ length: 15 }, (_, at) =>
      harness.spawn(projectId, taskIds, { sessionName: `${at}` }),
    );
    await harness.manifest(15);
    for (const { make } of harness.generator.asked) make();
    await Promise.all(spawned);
  } finally {
    process.off('warning', hear);
  }
  expect(warnings).toEqual([]);
});

it('a task that joins while the manifest is made is the session’s like the others', async () => {
  const harness = new Harness();
  const { id, projectId, outcome, asked, taskIds } = await harness.spawning();
  const [more = ''] = await harness.tasks(projectId, 1);
  await harness.tell(id, (turn, session) => join(turn, session, more));
  asked.make();
  expect((await outcome).taskIds).toEqual([...taskIds, more]);
  expect(harness.task(more).sessionIds).toEqual([id]);
});

it('what a spawn names must be there, each with a code of its own, and nothing is made', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  const [foreign = ''] = await harness.tasks(await harness.project(), 1);
  const code = (project: string, ids: string[], more?: Partial<SpawnRequest>) =>
    codeOf(harness.spawn(project, ids, more));
  const orphan = { spawnSource: 'session', parentId: 'sess_unknown' } as const;
  expect(await code('proj_unknown', ['task_unknown'], orphan)).toBe('parent_session_not_found');
  expect(await code('proj_unknown', [taskId, 'task_unknown'])).toBe('task_not_found');
  expect(await code('proj_unknown', [taskId])).toBe('project_not_found');
  expect(await code(projectId, [taskId, foreign])).toBe('invalid_task_ids');
  expect(harness.records.count('session')).toBe(0);
  expect(harness.directory.size).toBe(0);
});

it('one host claims a spawn; the same host may ask again, another is refused', async () => {
  const harness = new Harness();
  const { id } = await harness.spawned();
  const claim = (host: string) => harness.tell(id, (turn, session) => claimSpawn(turn, session, host));
  expect((await claim('desk')).claimedBy).toBe('desk');
  harness.told();
  expect((await claim('desk')).claimedBy).toBe('desk');
  expect(harness.told()).toEqual([]);
  expect(await codeOf(claim('laptop'))).toBe('CONFLICT');
  const idle = await harness.created();
  const refused = harness.tell(idle, (turn, session) => claimSpawn(turn, session, 'desk'));
  expect(await codeOf(refused)).toBe('CONFLICT');
});

it('an equal spawn makes a new session when the failed one was resumed, or its outcome corrected, meanwhile', async () => {
  for (const ways of [
    ['working', 'failed'],
    ['completed', 'failed'],
    ['stopped', 'failed'],
  ] as const) {
    const harness = new Harness();
    const { id, projectId, taskIds } = await failed(harness);
    for (const status of ways) await harness.tell(id, (turn, each) => changeSession(turn, each, { status }));
    expect(harness.session(id)).toMatchObject({ status: 'failed', manifestFailedAt: null });
    expect(harness.session(id).manifestError).toBeUndefined();
    const again = harness.spawn(projectId, taskIds);
    const second = await harness.manifest(2);
    expect(second.order.sessionId).not.toBe(id);
    second.make();
    await again;
    await harness.close();
  }
});

it('the reason of a failed spawn is that of its manifest, whatever else its timeline says at that moment', async () => {
  const harness = new Harness();
  const { id, asked, outcome } = await harness.spawning();
  await harness.tell(id, (turn, session) =>
    addEntries(turn, session, [{ type: 'error', message: 'another error' }]),
  );
  asked.fail('the disk is full');
  await expect(outcome).rejects.toThrow('Failed to generate manifest: the disk is full');
  expect(harness.session(id).manifestError).toBe('the disk is full');
});

it('spawns that were refused, or whose manifests failed, leave their places in the line', async () => {
  const harness = new Harness();
  const places = 1_000;
  const { projectId, taskIds } = await failed(harness);
  const refused = Array.from({ length: places }, () => codeOf(harness.spawn(projectId, ['task_unknown'])));
  expect(new Set(await Promise.all(refused))).toEqual(new Set(['task_not_found']));
  harness.generator.prompt = true;
  expect((await harness.spawn(projectId, taskIds)).status).toBe('spawning');
});
