import { expect, it } from 'vitest';
import { addEntries, changeSession, deleteSession } from '../../src/actors/sessions.ts';
import { deleteTask } from '../../src/actors/tasks.ts';
import { createProject } from '../../src/catalog/projects.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import { codeOf, settle } from '../records/arrange.ts';
import { DEADLINE_MS, Harness } from './harness.ts';

const change = (harness: Harness, id: string, status: 'idle' | 'failed') =>
  harness.tell(id, (turn, session) => changeSession(turn, session, { status }));

const rounds = async (count = 20): Promise<void> => {
  for (let round = 0; round < count; round += 1) await settle();
};

it('no manifest is made before the spawn is durable', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 1);
  harness.storage.hold();
  const spawned = harness.spawn(projectId, taskIds);
  await rounds();
  expect(harness.generator.asked).toEqual([]);
  harness.storage.release();
  (await harness.manifest()).make();
  expect((await spawned).phase).toBe('expected');
});

it('no manifest is made for a spawn that was lost', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 1);
  harness.storage.hold();
  const lost = codeOf(harness.spawn(projectId, taskIds));
  await settle();
  harness.storage.lose();
  expect(await lost).toBe('STORAGE_UNAVAILABLE');
  harness.storage.mend();
  await rounds();
  expect(harness.generator.asked).toEqual([]);
  expect(harness.directory.size).toBe(0);
  expect(harness.task(taskIds[0] ?? '').sessionIds).toEqual([]);
});

it('a spawn goes on when the commit behind its own is lost', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 1);
  const commit = harness.storage.commit.bind(harness.storage);
  harness.storage.commit = async (given) => {
    if (!given.images.some(({ kind }) => kind === 'project')) return commit(given);
    await settle();
    throw new MaestroError('STORAGE_UNAVAILABLE', 'lost');
  };
  const spawned = harness.spawn(projectId, taskIds);
  const behind = harness.project();
  expect(await codeOf(behind)).toBe('STORAGE_UNAVAILABLE');
  (await harness.manifest()).make();
  expect((await spawned).phase).toBe('expected');
});

it('a deadline is awaited though the commit behind its own is lost', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const commit = harness.storage.commit.bind(harness.storage);
  harness.storage.commit = async (given) => {
    if (!given.images.some(({ kind }) => kind === 'project')) return commit(given);
    await settle();
    throw new MaestroError('STORAGE_UNAVAILABLE', 'lost');
  };
  const created = harness.created({ projectId, status: 'spawning' });
  expect(await codeOf(harness.project())).toBe('STORAGE_UNAVAILABLE');
  const { deadline } = harness.session(await created);
  await harness.until(() => harness.clock.waitedFor.length === 1);
  expect(harness.clock.waitedFor).toEqual([deadline]);
});

it('the order holds what the spawn asked for, and the files are current before it is given', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 3);
  const flushed: string[] = [];
  harness.storage.flush = async (references) => {
    await settle();
    expect(harness.generator.asked).toEqual([]);
    flushed.push(...references.map(({ id }) => id));
  };
  const wanted = taskIds.slice(0, 2).toReversed();
  const spawned = harness.spawn(projectId, wanted, {
    role: 'orchestrator',
    strategy: 'tree',
    skills: ['testing'],
    model: 'opus',
    context: { note: 'x' },
  });
  const { order, make } = await harness.manifest();
  expect(order).toMatchObject({
    path: `${harness.world.sessionDir}/${order.sessionId}/manifest.json`,
    role: 'orchestrator',
    strategy: 'tree',
    skills: ['testing'],
    model: 'opus',
    context: { note: 'x' },
    project: { id: projectId },
  });
  expect(order.tasks.map(({ id }) => id)).toEqual(wanted);
  expect(flushed.sort()).toEqual([projectId, order.sessionId, ...taskIds].sort());
  make();
  await spawned;
});

it('the manifest is ended when its session is moved', async () => {
  const harness = new Harness();
  const { id, outcome, asked } = await harness.spawning();
  await change(harness, id, 'idle');
  expect(asked.signal.aborted).toBe(true);
  expect(await codeOf(outcome)).toBe('spawn_error');
  expect(harness.session(id).status).toBe('idle');
});

it('the manifest is ended when its session is deleted', async () => {
  const harness = new Harness();
  const { id, outcome, asked } = await harness.spawning();
  await harness.tell(id, deleteSession);
  expect(asked.signal.aborted).toBe(true);
  expect(await codeOf(outcome)).toBe('spawn_error');
  await rounds();
  expect(harness.directory.size).toBe(0);
  expect(harness.faults).toEqual([]);
});

it('a manifest goes on while its session only speaks', async () => {
  const harness = new Harness();
  const { id, outcome, asked } = await harness.spawning();
  await harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'progress', message: 'x' }]));
  expect(asked.signal.aborted).toBe(false);
  asked.make();
  expect((await outcome).phase).toBe('expected');
  expect(harness.generator.asked).toHaveLength(1);
});

it('a turn that is refused asks for the manifest again, and ends the one before', async () => {
  const harness = new Harness();
  const { id, outcome, asked } = await harness.spawning();
  const refused = harness.tell(id, (turn, session) => {
    changeSession(turn, session, { status: 'idle' });
    throw new MaestroError('TASK_NOT_FOUND', 'no');
  });
  expect(await codeOf(refused)).toBe('TASK_NOT_FOUND');
  expect(asked.signal.aborted).toBe(true);
  (await harness.manifest(2)).make();
  expect((await outcome).attempt).toBe(1);
});

it('a result of an attempt that was ended is not told, however late it comes', async () => {
  const harness = new Harness();
  harness.generator.stubborn = true;
  const { id, outcome, asked } = await harness.spawning();
  await change(harness, id, 'failed');
  expect(await codeOf(outcome)).toBe('spawn_error');
  const again = harness.spawns.respawn(id, () => undefined);
  const second = await harness.manifest(2);
  asked.make();
  await rounds();
  expect(harness.session(id)).toMatchObject({ attempt: 2, phase: 'generatingManifest' });
  second.make();
  expect(await again).toMatchObject({ attempt: 2, phase: 'expected' });
});

it('a result of an older attempt is ignored', async () => {
  const harness = new Harness();
  const { id, asked, outcome } = await harness.spawning();
  await change(harness, id, 'failed');
  expect(await codeOf(outcome)).toBe('spawn_error');
  expect(asked.signal.aborted).toBe(true);
  const again = harness.spawns.respawn(id, () => undefined);
  const stale = { type: 'manifest.failed', attempt: 1, message: 'stale' } as const;
  const current = { ...stale, attempt: 2 };
  const can = (command: typeof stale | typeof current) =>
    harness.tell(id, (turn, session) => session.can({ ...command, at: turn.at }));
  expect(await can(stale)).toBe(false);
  expect(await can(current)).toBe(true);
  (await harness.manifest(2)).make();
  await again;
});

it('a manifest that cannot be made fails its session, with the reason on the timeline', async () => {
  const harness = new Harness();
  const { id, outcome, asked } = await harness.spawning();
  asked.fail('maestro CLI not found');
  await expect(outcome).rejects.toThrow('Failed to generate manifest: maestro CLI not found');
  expect(harness.session(id)).toMatchObject({ status: 'failed', manifestFailedAt: harness.clock.now() });
  expect(harness.story(id)).toContain('error: maestro CLI not found');
});

it('a spawn whose tasks are all gone by then fails', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  harness.storage.hold();
  const refused = codeOf(harness.spawn(projectId, [taskId]));
  const deleted = harness.records.turn((turn) => deleteTask(turn, harness.directory, taskId));
  harness.storage.release();
  await deleted;
  expect(await refused).toBe('manifest_generation_failed');
  expect(harness.generator.asked).toEqual([]);
});

it('a result is told again and again while the disk refuses', async () => {
  const harness = new Harness();
  const { id, outcome, asked } = await harness.spawning();
  harness.storage.lose();
  asked.make();
  for (let time = 0; time < 3; time += 1) {
    await harness.until(() => harness.clock.waitedFor.length === 1);
    harness.clock.advance(250);
    await settle();
  }
  expect(harness.session(id).phase).toBe('generatingManifest');
  harness.storage.mend();
  await harness.until(() => harness.clock.waitedFor.length === 1);
  harness.clock.advance(250);
  expect((await outcome).phase).toBe('expected');
  expect(harness.generator.asked).toHaveLength(1);
});

it('a result that was lost with its commit is made again', async () => {
  const harness = new Harness();
  const { id, outcome, asked } = await harness.spawning();
  harness.storage.hold();
  asked.make();
  await harness.until(() => harness.records.newest('session', id)?.phase === 'expected');
  harness.storage.lose();
  harness.storage.mend();
  (await harness.manifest(2)).make();
  expect(await outcome).toMatchObject({ phase: 'expected', attempt: 1 });
});

it('a start takes a spawn up again whose manifest was being made', async () => {
  const harness = new Harness();
  const { id, outcome } = await harness.spawning();
  const again = await harness.restart();
  expect(await codeOf(outcome)).toBe('STORAGE_UNAVAILABLE');
  const { order, make } = await again.manifest();
  expect(order.sessionId).toBe(id);
  make();
  await again.until(() => again.session(id).phase === 'expected');
  expect(again.told()).toContain('session:spawn');
  expect(again.session(id).attempt).toBe(1);
});

it('a deadline that passes marks the session overdue and does not fail it', async () => {
  const harness = new Harness();
  const { id } = await harness.spawned();
  expect(harness.session(id).deadline).toBe(harness.clock.now() + DEADLINE_MS);
  await harness.until(() => harness.clock.waitedFor.length === 1);
  harness.clock.advance(DEADLINE_MS - 1);
  await rounds();
  expect(harness.session(id).phase).toBe('expected');
  harness.clock.advance(1);
  await harness.until(() => harness.session(id).phase === 'overdue');
  expect(harness.session(id)).toMatchObject({ status: 'spawning', deadline: null, completedAt: null });
  expect(harness.story(id).at(-1)).toMatch(/^error: No word from the agent/);
});

it('a word from the agent ends the wait for it', async () => {
  const harness = new Harness();
  const { id } = await harness.spawned();
  await harness.until(() => harness.clock.waitedFor.length === 1);
  await harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'progress', message: 'x' }]));
  await settle();
  expect(harness.clock.waitedFor).toEqual([]);
});

it('no deadline is awaited before its session is durable', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  harness.storage.hold();
  const created = harness.created({ projectId, status: 'spawning' });
  await rounds();
  expect(harness.clock.waitedFor).toEqual([]);
  harness.storage.release();
  await created;
  await harness.until(() => harness.clock.waitedFor.length === 1);
});

it('a deadline survives a restart, from the time in its record', async () => {
  const harness = new Harness();
  const { id } = await harness.spawned();
  const { deadline } = harness.session(id);
  harness.clock.advance(1_000);
  const again = await harness.restart();
  await again.until(() => again.clock.waitedFor.length === 1);
  expect(again.clock.waitedFor).toEqual([deadline]);
  again.clock.advance(DEADLINE_MS - 1_000);
  await again.until(() => again.session(id).phase === 'overdue');
});

it('a deadline that passed while nobody ran fires at the start', async () => {
  const harness = new Harness();
  const { id } = await harness.spawned();
  await harness.close();
  harness.clock.advance(DEADLINE_MS * 100);
  const again = await harness.restart();
  await again.until(() => again.session(id).phase === 'overdue');
  expect(again.session(id).status).toBe('spawning');
});

it('an overdue session is not awaited again after a restart, and its story tells it once', async () => {
  const harness = new Harness();
  const { id } = await harness.spawned();
  await harness.until(() => harness.clock.waitedFor.length === 1);
  harness.clock.advance(DEADLINE_MS);
  await harness.until(() => harness.session(id).phase === 'overdue');
  const again = await harness.restart();
  await rounds();
  expect(again.clock.waitedFor).toEqual([]);
  expect(again.story(id).filter((line) => line.startsWith('error'))).toHaveLength(1);
});

it('an effect that ends before the disk is well again leaves nothing behind', async () => {
  const harness = new Harness();
  const { asked } = await harness.spawning();
  harness.storage.lose();
  asked.fail('no');
  await harness.until(() => harness.clock.waitedFor.length === 1);
  // The harness fails this test when the effect does not end with the server.
  expect(
    await codeOf(
      harness.records.turn((turn) => createProject(turn, { name: 'x', workingDir: '', description: '' })),
    ),
  ).toBe('STORAGE_UNAVAILABLE');
});
