import { expect, it } from 'vitest';
import { leaveSession } from '../../src/actors/sessions.ts';
import {
  completeCurrent,
  failCurrent,
  pushTask,
  skipItem,
  startNext,
  type Moved,
} from '../../src/actors/queue-moves.ts';
import type { Supervisor } from '../../src/actors/supervisor.ts';
import { changeSession } from '../../src/actors/sessions.ts';
import type { QueueItem } from '../../src/domain/queue.ts';
import type { SessionStatus } from '../../src/domain/session.ts';
import type { Turn } from '../../src/records/turn.ts';
import { codeOf } from '../records/arrange.ts';
import { Harness } from './harness.ts';

type Move = (turn: Turn, session: Supervisor) => Moved;

/** A session with a queue of three, and a fourth task that is not in it. */
async function arrange(status?: SessionStatus) {
  const harness = new Harness();
  const projectId = await harness.project();
  const [first = '', second = '', third = '', spare = ''] = await harness.tasks(projectId, 4);
  const taskIds = [first, second, third];
  const id = await harness.created({ projectId, taskIds, strategy: 'queue' });
  harness.clock.advance(1_000);
  const to = (wanted: SessionStatus) =>
    harness.tell(id, (turn, session) => changeSession(turn, session, { status: wanted }));
  if (status) await to(status);
  harness.told();
  const move = (what: Move) => harness.tell(id, what);
  const statuses = (): QueueItem['status'][] => harness.queue(id).items.map((item) => item.status);
  const sessionStatus = (taskId: string) => harness.task(taskId).sessionStatus;
  return { harness, id, taskIds, first, second, third, spare, to, move, statuses, sessionStatus };
}

const fail: Move = (turn, session) => failCurrent(turn, session, 'tests fail');

const associations = ['session:task_added', 'task:session_added'];
const updates = ['task:updated', 'session:updated', 'queue:updated'];

it('a queue begins with its tasks waiting, in order', async () => {
  const { harness, id, taskIds, statuses, sessionStatus } = await arrange();
  expect(harness.queue(id)).toMatchObject({ currentIndex: -1, strategy: 'queue' });
  expect(harness.queue(id).items.map(({ taskId }) => taskId)).toEqual(taskIds);
  expect(statuses()).toEqual(['queued', 'queued', 'queued']);
  expect(taskIds.map(sessionStatus)).toEqual(['queued', 'queued', 'queued']);
});

it('start puts the first into work, in one commit with all that goes with it', async () => {
  const { harness, id, first, move, sessionStatus } = await arrange();
  const { item } = await move(startNext);
  expect(harness.commits).toHaveLength(1);
  expect(harness.told()).toEqual(['queue:item_started', ...updates]);
  expect(item).toMatchObject({ taskId: first, status: 'processing', startedAt: harness.clock.now() });
  expect(harness.queue(id).currentIndex).toBe(0);
  expect(harness.session(id).status).toBe('working');
  expect(sessionStatus(first)).toBe('working');
  expect(harness.story(id).at(-1)).toBe('task_started: Task started: Task 1');
});

it('complete ends the one in work, in one commit', async () => {
  const { harness, id, first, move, statuses, sessionStatus } = await arrange();
  await move(startNext);
  harness.told();
  const { item } = await move(completeCurrent);
  expect(harness.commits).toHaveLength(1);
  expect(harness.told()).toEqual(['queue:item_completed', ...updates]);
  expect(item).toMatchObject({ taskId: first, status: 'completed', completedAt: harness.clock.now() });
  expect(harness.queue(id).currentIndex).toBe(-1);
  expect(statuses()).toEqual(['completed', 'queued', 'queued']);
  expect(sessionStatus(first)).toBe('completed');
  expect(harness.story(id).at(-1)).toBe('task_completed: Task completed: Task 1');
});

it('fail ends the one in work with its reason, in one commit', async () => {
  const { harness, id, first, move, sessionStatus } = await arrange();
  await move(startNext);
  harness.told();
  const { item } = await move(fail);
  expect(item).toMatchObject({ taskId: first, status: 'failed', failReason: 'tests fail' });
  const [commit] = harness.commits;
  const fact = commit?.facts[0];
  expect(fact).toMatchObject({ type: 'queue:item_failed', id, data: { sessionId: id, taskId: first } });
  expect(commit?.live?.get(fact?.seq ?? 0)).toEqual({ item });
  expect(harness.told()).toEqual(['queue:item_failed', ...updates]);
  expect(sessionStatus(first)).toBe('failed');
  expect(harness.story(id).at(-1)).toBe('task_failed: Task failed: Task 1 (tests fail)');
});

it('skip passes over the one in work, else the first that waits', async () => {
  const { harness, id, first, second, move, statuses, sessionStatus } = await arrange();
  await move(startNext);
  harness.told();
  await move(skipItem);
  expect(harness.told()).toEqual(['queue:item_skipped', ...updates]);
  await move(skipItem);
  expect(statuses()).toEqual(['skipped', 'skipped', 'queued']);
  expect([first, second].map(sessionStatus)).toEqual(['skipped', 'skipped']);
  expect(harness.story(id).at(-1)).toBe('task_skipped: Task skipped: Task 2');
});

it('push puts a task at the end, and it joins the session', async () => {
  const { harness, id, spare, move, sessionStatus } = await arrange();
  const { item } = await move((turn, session) => pushTask(turn, session, spare));
  expect(harness.commits).toHaveLength(1);
  expect(harness.told()).toEqual([...associations, 'queue:item_pushed', ...updates]);
  expect(item).toEqual({ taskId: spare, status: 'queued', addedAt: harness.clock.now() });
  expect(harness.queue(id).items.at(-1)).toEqual(item);
  expect(harness.session(id).taskIds).toContain(spare);
  expect(harness.task(spare).sessionIds).toEqual([id]);
  expect(sessionStatus(spare)).toBe('queued');
});

it('only one item is in work at a time', async () => {
  const { first, move, statuses } = await arrange();
  await move(startNext);
  await expect(move(startNext)).rejects.toThrow(`Already processing task ${first}`);
  expect(statuses()).toEqual(['processing', 'queued', 'queued']);
});

it('a start of an empty queue moves nothing and commits nothing', async () => {
  const { harness, move } = await arrange();
  for (let time = 0; time < 3; time += 1) await move(skipItem);
  harness.told();
  expect((await move(startNext)).item).toBeNull();
  expect(harness.told()).toEqual([]);
});

it('what has nothing to move is refused, and so is a task twice or of another project', async () => {
  const { harness, first, move } = await arrange();
  const [foreign = ''] = await harness.tasks(await harness.project(), 1);
  const push = (taskId: string) => codeOf(move((turn, session) => pushTask(turn, session, taskId)));
  expect(await codeOf(move(completeCurrent))).toBe('VALIDATION_ERROR');
  expect(await codeOf(move(fail))).toBe('VALIDATION_ERROR');
  expect(await push(first)).toBe('VALIDATION_ERROR');
  expect(await push(foreign)).toBe('VALIDATION_ERROR');
  expect(await push('task_unknown')).toBe('TASK_NOT_FOUND');
  for (let time = 0; time < 3; time += 1) await move(skipItem);
  expect(await codeOf(move(skipItem))).toBe('VALIDATION_ERROR');
});

it('a session without the queue strategy has no queue to move', async () => {
  const harness = new Harness();
  const id = await harness.created();
  expect(await codeOf(harness.tell(id, startNext))).toBe('VALIDATION_ERROR');
  expect(await codeOf(harness.tell(id, skipItem))).toBe('VALIDATION_ERROR');
});

it('in an ended session start and skip are refused, and push is taken', async () => {
  const { spare, move, statuses } = await arrange('completed');
  expect(await codeOf(move(startNext))).toBe('BUSINESS_RULE_ERROR');
  expect(await codeOf(move(skipItem))).toBe('BUSINESS_RULE_ERROR');
  await move((turn, session) => pushTask(turn, session, spare));
  expect(statuses()).toEqual(['queued', 'queued', 'queued', 'queued']);
});

it('a session that ends fails its item in work, in the same commit, and what waits stays', async () => {
  const { harness, id, first, move, to, statuses, sessionStatus } = await arrange();
  await move(startNext);
  harness.told();
  await to('stopped');
  expect(harness.commits).toHaveLength(1);
  expect(harness.told()).toEqual(['queue:item_failed', ...updates]);
  expect(statuses()).toEqual(['failed', 'queued', 'queued']);
  expect(harness.queue(id).items[0]).toMatchObject({
    failReason: 'The session ended (stopped) while this task was in work',
  });
  expect(sessionStatus(first)).toBe('failed');
  await to('working');
  expect((await move(startNext)).item).toMatchObject({ status: 'processing' });
  expect(statuses()).toEqual(['failed', 'processing', 'queued']);
});

it('a late report corrects an item that failed only with its session, until another is in work', async () => {
  const { harness, id, first, move, to, statuses, sessionStatus } = await arrange();
  await move(startNext);
  await to('stopped');
  await move(completeCurrent);
  expect(statuses()).toEqual(['completed', 'queued', 'queued']);
  expect(sessionStatus(first)).toBe('completed');
  expect(harness.session(id).status).toBe('stopped');
  expect(await codeOf(move(completeCurrent))).toBe('VALIDATION_ERROR');
});

it('a late report is known after a restart, too', async () => {
  const { harness, id, move, to } = await arrange();
  await move(startNext);
  await to('failed');
  const again = await harness.restart();
  await again.tell(id, completeCurrent);
  expect(again.queue(id).items[0]).toMatchObject({ status: 'completed' });
});

it('a task that leaves the session has its item skipped, waiting or in work', async () => {
  const { harness, id, first, second, move, statuses } = await arrange();
  await move(startNext);
  harness.told();
  for (const taskId of [first, second])
    await harness.tell(id, (turn, session) => leaveSession(turn, session, taskId));
  expect(statuses()).toEqual(['skipped', 'skipped', 'queued']);
  expect(harness.queue(id).currentIndex).toBe(-1);
  expect(harness.told().filter((type) => type === 'queue:item_skipped')).toHaveLength(2);
  expect(harness.session(id).taskIds).not.toContain(first);
});

it('a queue whose file says that a finished item is in work can be started', async () => {
  const { harness, id, move } = await arrange();
  await move(startNext);
  await move(completeCurrent);
  await harness.records.turn((turn) => {
    const queue = turn.find('queue', id);
    if (queue) turn.put('queue', { ...queue, currentIndex: 0 });
  });
  const again = await harness.restart();
  expect((await again.tell(id, startNext)).item).toMatchObject({ status: 'processing' });
  expect(again.queue(id).currentIndex).toBe(1);
});
