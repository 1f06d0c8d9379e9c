// A task's sessions and a session's tasks are two views of one relation, whichever side a change comes from.
import { expect, it } from 'vitest';
import { join, part } from '../../src/actors/associations.ts';
import { startNext } from '../../src/actors/queue-moves.ts';
import { changeSession, deleteSession } from '../../src/actors/sessions.ts';
import { deleteTask, reportTask, updateTask } from '../../src/actors/tasks.ts';
import { changeTask } from '../../src/catalog/tasks.ts';
import { codeOf } from '../records/arrange.ts';
import { Harness } from './harness.ts';

async function arrange() {
  const harness = new Harness();
  const projectId = await harness.project();
  const [first = '', second = ''] = await harness.tasks(projectId, 2);
  const [one, other] = [await harness.created({ projectId }), await harness.created({ projectId })];
  harness.told();
  const sides = () => ({
    tasks: [first, second].map((id) => harness.records.get('task', id)?.sessionIds),
    sessions: [one, other].map((id) => harness.records.get('session', id)?.taskIds),
  });
  return { harness, projectId, first, second, one, other, sides };
}

it('a task that joins is on both sides, in one commit that tells the association and nothing else', async () => {
  const { harness, first, one, sides } = await arrange();
  await harness.tell(one, (turn, session) => join(turn, session, first));
  expect(harness.commits).toHaveLength(1);
  expect(harness.told()).toEqual(['session:task_added', 'task:session_added']);
  expect(sides()).toEqual({ tasks: [[one], []], sessions: [[first], []] });
  expect(harness.story(one).at(-1)).toBe('milestone: Task added: Task 1');
});

it('joining twice changes nothing the second time, nor does leaving what was never joined', async () => {
  const { harness, first, second, one } = await arrange();
  await harness.tell(one, (turn, session) => join(turn, session, first));
  harness.told();
  await harness.tell(one, (turn, session) => join(turn, session, first));
  expect(await harness.tell(one, (turn, session) => part(turn, session, second))).toBe(false);
  expect(harness.told()).toEqual([]);
});

it('a task that leaves is gone from both sides', async () => {
  const { harness, first, one, sides } = await arrange();
  await harness.tell(one, (turn, session) => join(turn, session, first));
  harness.told();
  expect(await harness.tell(one, (turn, session) => part(turn, session, first))).toBe(true);
  expect(harness.told()).toEqual(['session:task_removed', 'task:session_removed']);
  expect(sides()).toEqual({ tasks: [[], []], sessions: [[], []] });
});

it('a task that is not there cannot join', async () => {
  const { harness, one } = await arrange();
  const refused = harness.tell(one, (turn, session) => join(turn, session, 'task_unknown'));
  expect(await codeOf(refused)).toBe('TASK_NOT_FOUND');
});

it('the session’s side changes the tasks, in one commit', async () => {
  const { harness, first, second, one, sides } = await arrange();
  const to = (taskIds: string[]) =>
    harness.tell(one, (turn, session) => changeSession(turn, session, { taskIds }));
  await to([first]);
  harness.told();
  await to([second]);
  expect(harness.commits).toHaveLength(1);
  expect(harness.told()).toEqual([
    'session:task_removed',
    'task:session_removed',
    'session:task_added',
    'task:session_added',
    'session:updated',
  ]);
  expect(sides()).toEqual({ tasks: [[], [one]], sessions: [[second], []] });
});

it('the task’s side changes the sessions, in one commit', async () => {
  const { harness, first, one, other, sides } = await arrange();
  const to = (sessionIds: string[]) =>
    harness.records.turn((turn) => updateTask(turn, harness.directory, first, { sessionIds }));
  await to([one]);
  harness.told();
  expect((await to([other])).sessionIds).toEqual([other]);
  expect(harness.commits).toHaveLength(1);
  expect(sides()).toEqual({ tasks: [[other], []], sessions: [[], [first]] });
});

it('an unknown task or session takes the whole change back', async () => {
  const { harness, first, one, sides } = await arrange();
  const before = sides();
  const session = harness.tell(one, (turn, supervisor) =>
    changeSession(turn, supervisor, { name: 'New', status: 'working', taskIds: [first, 'task_unknown'] }),
  );
  expect(await codeOf(session)).toBe('TASK_NOT_FOUND');
  const task = harness.records.turn((turn) =>
    updateTask(turn, harness.directory, first, { title: 'New', sessionIds: [one, 'sess_unknown'] }),
  );
  expect(await codeOf(task)).toBe('SESSION_NOT_FOUND');
  expect(sides()).toEqual(before);
  expect(harness.session(one)).toMatchObject({ name: 'Unnamed Session', status: 'idle' });
  expect(harness.task(first).title).toBe('Task 1');
});

it('a session that goes leaves its tasks, and takes its queue with it, in one commit', async () => {
  const { harness, projectId, first, second } = await arrange();
  const id = await harness.created({ projectId, taskIds: [first, second], strategy: 'queue' });
  harness.told();
  await harness.tell(id, deleteSession);
  expect(harness.commits).toHaveLength(1);
  expect(harness.told()).toEqual([
    'session:task_removed',
    'task:session_removed',
    'session:task_removed',
    'task:session_removed',
    'session:deleted',
  ]);
  expect([first, second].map((taskId) => harness.task(taskId).sessionIds)).toEqual([[], []]);
  expect(harness.records.get('queue', id)).toBeUndefined();
});

it('a task that is deleted leaves all its sessions and queues, and its children move up, in one commit', async () => {
  const { harness, projectId, first, second, one } = await arrange();
  const [child = ''] = await harness.tasks(projectId, 1);
  await harness.records.turn((turn) => {
    changeTask(turn, first, { parentId: second });
    changeTask(turn, child, { parentId: first });
  });
  await harness.tell(one, (turn, session) => join(turn, session, first));
  const queued = { projectId, taskIds: [first, second], strategy: 'queue' as const };
  const [inWork, waiting, ended] = [
    await harness.created(queued),
    await harness.created({ ...queued, taskIds: [second, first] }),
    await harness.created({ ...queued, status: 'completed' }),
  ];
  await harness.tell(inWork, startNext);
  harness.told();
  await harness.records.turn((turn) => deleteTask(turn, harness.directory, first));
  expect(harness.commits).toHaveLength(1);
  const told = harness.told();
  expect(told.filter((type) => type === 'task:session_removed')).toHaveLength(4);
  expect(told.filter((type) => type === 'session:task_removed')).toHaveLength(4);
  expect(told.filter((type) => type === 'task:updated')).toHaveLength(1);
  expect(told.at(-1)).toBe('task:deleted');
  for (const id of [one, inWork, waiting, ended]) expect(harness.session(id).taskIds).not.toContain(first);
  expect(harness.queue(inWork).items[0]).toMatchObject({
    status: 'failed',
    failReason: 'The task was deleted',
  });
  expect(harness.queue(waiting).items[1]).toMatchObject({ taskId: first, status: 'skipped' });
  expect(harness.queue(ended).items[0]).toMatchObject({ taskId: first, status: 'skipped' });
  expect(harness.task(child).parentId).toBe(second);
  expect((await harness.tell(inWork, startNext)).item).toMatchObject({ taskId: second });
});

it('a deletion of a task that is lost leaves all as it was', async () => {
  const { harness, projectId, first, second } = await arrange();
  const queued = { projectId, taskIds: [first, second], strategy: 'queue' as const };
  const id = await harness.created(queued);
  await harness.tell(id, startNext);
  harness.storage.hold();
  const lost = codeOf(harness.records.turn((turn) => deleteTask(turn, harness.directory, first)));
  harness.storage.lose();
  expect(await lost).toBe('STORAGE_UNAVAILABLE');
  harness.storage.mend();
  expect(harness.task(first).sessionIds).toEqual([id]);
  await expect(harness.tell(id, startNext)).rejects.toThrow(`Already processing task ${first}`);
});

it('a report of a session on a task changes its sessionStatus and nothing of the queue', async () => {
  const { harness, projectId, first } = await arrange();
  const id = await harness.created({ projectId, taskIds: [first], strategy: 'queue' });
  harness.told();
  await harness.records.turn((turn) => reportTask(turn, first, 'blocked'));
  expect(harness.told()).toEqual(['task:updated']);
  expect(harness.task(first).sessionStatus).toBe('blocked');
  expect(harness.queue(id).items[0]).toMatchObject({ status: 'queued' });
  await harness.records.turn((turn) => reportTask(turn, first, undefined));
  expect(harness.told()).toEqual([]);
});
