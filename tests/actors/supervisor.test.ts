import { expect, it } from 'vitest';
import { ActorFault } from '../../src/actors/live.ts';
import { completeCurrent, pushTask, removeFromQueue, startNext } from '../../src/actors/queue-moves.ts';
import { addEntries, changeSession } from '../../src/actors/sessions.ts';
import { deleteTask } from '../../src/actors/tasks.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import { codeOf, layersOf, settle } from '../records/arrange.ts';
import { Harness } from './harness.ts';
import { poisoned } from './poison.ts';

const report = (harness: Harness, id: string, message: string) =>
  harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'progress', message }]));

const poison = (harness: Harness, id: string) =>
  harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'milestone' }]));

it('a refusal changes nothing and says what is possible', async () => {
  const harness = new Harness();
  const id = await harness.created({ status: 'working' });
  const before = JSON.stringify(harness.session(id));
  harness.told();
  const refused = harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'spawning' }));
  const error: unknown = await refused.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MaestroError);
  expect(error).toMatchObject({
    code: 'BUSINESS_RULE_ERROR',
    details: { state: 'working', possible: ['idle', 'working', 'completed', 'failed', 'stopped'] },
  });
  expect(harness.told()).toEqual([]);
  expect(JSON.stringify(harness.session(id))).toBe(before);
});

it('a refusal in the middle of a change takes back what the change did before it', async () => {
  const harness = new Harness();
  const id = await harness.created({ status: 'spawning' });
  const refused = harness.tell(id, (turn, session) => {
    changeSession(turn, session, { status: 'working', name: 'Changed' });
    changeSession(turn, session, { status: 'spawning' });
  });
  expect(await codeOf(refused)).toBe('BUSINESS_RULE_ERROR');
  expect(harness.session(id)).toMatchObject({
    status: 'spawning',
    phase: 'expected',
    name: 'Unnamed Session',
  });
  const claim = (host: string) =>
    harness.tell(id, (turn, session) => session.can({ type: 'session.claim', at: turn.at, host }));
  expect(await claim('desk')).toBe(true);
  expect(harness.clock.waitedFor).toHaveLength(1);
});

it('a turn across session, queue and task is one commit', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  const id = await harness.created({ projectId, taskIds: [taskId], strategy: 'queue' });
  harness.told();
  await harness.tell(id, startNext);
  expect(harness.commits.map(({ images }) => images.map(({ kind }) => kind).sort())).toEqual([
    ['queue', 'session', 'task'],
  ]);
  const { committed, newest } = layersOf(harness.records, 'session', [id]);
  expect(newest).toEqual(committed);
});

it('the slot in the mailbox lasts until the commit is durable', async () => {
  const harness = new Harness();
  const id = await harness.created();
  harness.storage.hold();
  const first = report(harness, id, 'first');
  let begun = false;
  const second = harness.tell(id, () => (begun = true));
  await settle();
  expect(begun).toBe(false);
  harness.storage.release();
  await first;
  await second;
  expect(begun).toBe(true);
});

it('sessions do not wait for each other', async () => {
  const harness = new Harness();
  const [one, other] = [await harness.created(), await harness.created()];
  harness.storage.hold();
  const first = report(harness, one, 'first');
  let begun = false;
  const second = harness.tell(other, () => (begun = true));
  await settle();
  expect(begun).toBe(true);
  harness.storage.release();
  await Promise.all([first, second]);
});

it('a throw in the middle makes every actor anew that the turn touched', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 2);
  const ids = [
    await harness.created({ projectId, taskIds, strategy: 'queue' }),
    await harness.created({ projectId, taskIds, strategy: 'queue' }),
  ];
  const before = JSON.stringify(ids.map((id) => [harness.session(id), harness.queue(id)]));
  const refused = harness.records.turn((turn) => {
    for (const id of ids) startNext(turn, harness.directory.find(id));
    throw new Error('in the middle');
  });
  await expect(refused).rejects.toThrow('in the middle');
  expect(JSON.stringify(ids.map((id) => [harness.session(id), harness.queue(id)]))).toBe(before);
  for (const id of ids) {
    const { item } = await harness.tell(id, startNext);
    expect(item).toMatchObject({ taskId: taskIds[0], status: 'processing' });
  }
});

it('a lost commit makes the actors anew, and they go on from the last durable one', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  const id = await harness.created({ projectId, taskIds: [taskId], strategy: 'queue' });
  harness.storage.hold();
  const started = harness.tell(id, startNext);
  const behind = harness.tell(id, completeCurrent);
  await settle();
  harness.storage.lose();
  expect(await codeOf(started)).toBe('STORAGE_UNAVAILABLE');
  expect(await codeOf(behind)).toBe('STORAGE_UNAVAILABLE');
  harness.storage.mend();
  expect(await codeOf(harness.tell(id, completeCurrent))).toBe('VALIDATION_ERROR');
  expect(harness.session(id).status).toBe('idle');
  await harness.tell(id, startNext);
  expect(harness.session(id).status).toBe('working');
  for (const kind of ['session', 'queue'] as const) {
    const { committed, newest } = layersOf(harness.records, kind, [id]);
    expect(newest).toEqual(committed);
  }
});

it('an action that throws restarts its session from the last commit, and others do not notice', async () => {
  const harness = new Harness({ machines: poisoned });
  const [id, other] = [await harness.created(), await harness.created()];
  await report(harness, id, 'before');
  const before = JSON.stringify(harness.session(id));
  const fault = poison(harness, id);
  const beside = report(harness, other, 'meanwhile');
  await expect(fault).rejects.toThrow(ActorFault);
  await beside;
  expect(JSON.stringify(harness.session(id))).toBe(before);
  expect(harness.faults.map(({ sessionId }) => sessionId)).toEqual([id]);
  await report(harness, id, 'after');
  expect(harness.story(id).at(-1)).toBe('progress: after');
  expect(harness.story(other).at(-1)).toBe('progress: meanwhile');
});

it('an action that throws leaves no effect of the dead actor running', async () => {
  const harness = new Harness({ machines: poisoned });
  const id = await harness.created({ status: 'spawning' });
  await harness.until(() => harness.clock.waitedFor.length === 1);
  const fault = harness.tell(id, (turn, session) =>
    session.move(turn, { type: 'session.claim', at: turn.at, host: 'poison' }),
  );
  await expect(fault).rejects.toThrow(ActorFault);
  await settle();
  expect(harness.clock.waitedFor).toEqual([harness.session(id).deadline]);
});

it('a session whose actor fails again and again is failed, with the reason on its timeline', async () => {
  const harness = new Harness({ machines: poisoned });
  const id = await harness.created();
  for (let time = 0; time < 3; time += 1) await expect(poison(harness, id)).rejects.toThrow(ActorFault);
  expect(harness.session(id).status).toBe('idle');
  await expect(poison(harness, id)).rejects.toThrow(ActorFault);
  expect(harness.session(id)).toMatchObject({ status: 'failed', completedAt: harness.clock.now() });
  expect(harness.story(id).slice(-2)).toEqual([
    'error: Given up after 3 restarts: an actor failed: poisoned',
    'session_stopped: Session failed',
  ]);
  await settle();
  expect(harness.directory.size).toBe(0);
  await harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'idle' }));
  expect(harness.session(id)).toMatchObject({ status: 'idle', completedAt: null });
});

it('faults that lie more than a minute apart are forgiven', async () => {
  const harness = new Harness({ machines: poisoned });
  const id = await harness.created();
  for (let time = 0; time < 8; time += 1) {
    await expect(poison(harness, id)).rejects.toThrow(ActorFault);
    harness.clock.advance(20_001);
  }
  expect(harness.session(id).status).toBe('idle');
});

it('a session that is given up fails its item in work', async () => {
  const harness = new Harness({ machines: poisoned });
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 2);
  const id = await harness.created({ projectId, taskIds, strategy: 'queue' });
  await harness.tell(id, startNext);
  for (let time = 0; time < 4; time += 1) {
    await harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'idle' }));
    await expect(poison(harness, id)).rejects.toThrow(ActorFault);
  }
  expect(harness.session(id).status).toBe('failed');
  expect(harness.queue(id).items.map(({ status }) => status)).toEqual(['failed', 'queued']);
  expect(harness.task(taskIds[0] ?? '').sessionStatus).toBe('failed');
});

it('a session whose queue fails again and again is failed, too', async () => {
  const harness = new Harness({ machines: poisoned });
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  const id = await harness.created({ projectId, taskIds: [taskId], strategy: 'queue' });
  await harness.tell(id, startNext);
  const remove = () => harness.tell(id, (turn, session) => removeFromQueue(turn, session, [taskId], 'gone'));
  for (let time = 0; time < 4; time += 1) await expect(remove()).rejects.toThrow(ActorFault);
  expect(harness.session(id).status).toBe('failed');
});

it('an action that throws in the turn of another takes that turn back', async () => {
  const harness = new Harness({ machines: poisoned });
  const projectId = await harness.project();
  const [taskId = '', child = ''] = await harness.tasks(projectId, 2);
  const ids = [
    await harness.created({ projectId, taskIds: [taskId] }),
    await harness.created({ projectId, taskIds: [taskId], strategy: 'queue' }),
  ];
  const before = JSON.stringify([
    harness.task(taskId),
    harness.task(child),
    ...ids.map((id) => harness.session(id)),
  ]);
  const refused = harness.records.turn((turn) => deleteTask(turn, harness.directory, taskId));
  await expect(refused).rejects.toThrow(ActorFault);
  expect(
    JSON.stringify([harness.task(taskId), harness.task(child), ...ids.map((id) => harness.session(id))]),
  ).toBe(before);
  await harness.tell(ids[1] ?? '', (turn, session) => pushTask(turn, session, child));
});

it('a commit that is lost while the server stops wakes nobody', async () => {
  const harness = new Harness();
  const id = await harness.created({ status: 'spawning' });
  await harness.until(() => harness.clock.waitedFor.length === 1);
  harness.storage.hold();
  const refused = codeOf(report(harness, id, 'word'));
  await settle();
  harness.directory.close();
  harness.storage.lose();
  expect(await refused).toBe('STORAGE_UNAVAILABLE');
  await settle();
  expect(harness.clock.waitedFor).toEqual([]);
});

it('a command that is durable when the server stops says so to its caller', async () => {
  const harness = new Harness();
  const id = await harness.created();
  harness.storage.hold();
  const durable = report(harness, id, 'at last');
  const refused = codeOf(report(harness, id, 'too late'));
  await settle();
  harness.directory.close();
  expect(await refused).toBe('STORAGE_UNAVAILABLE');
  harness.storage.release();
  await durable;
  expect(harness.story(id).at(-1)).toBe('progress: at last');
});

it('a restart brings back what was durable, and nothing else', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 3);
  const id = await harness.created({ projectId, taskIds, strategy: 'queue', status: 'working' });
  await harness.tell(id, startNext);
  await harness.tell(id, (turn, session) =>
    addEntries(turn, session, [{ type: 'needs_input', message: 'Which one?' }]),
  );
  harness.storage.hold();
  const lost = codeOf(harness.tell(id, completeCurrent));
  await settle();
  const seen = ({ records }: Harness): unknown =>
    JSON.parse(JSON.stringify([records.get('session', id), records.get('queue', id), records.seq]));
  const again = await harness.restart();
  expect(await lost).toBe('STORAGE_UNAVAILABLE');
  expect(seen(again)).toEqual(seen(harness));
  expect(await codeOf(again.tell(id, startNext))).toBe('VALIDATION_ERROR');
  await again.tell(id, completeCurrent);
  expect(again.session(id).needsInput).toEqual({ active: false });
});
