import { expect, it } from 'vitest';
import type { Session } from '../../src/domain/session.ts';
import type { Task } from '../../src/domain/task.ts';
import { repairRelations } from '../../src/records/repair.ts';
import { Unread } from '../../src/storage/unread.ts';
import { arrange, session, task } from './arrange.ts';

/** Repairs what files say; a second repair must find nothing. @param unread records that are there and cannot be read */
async function repaired(tasks: Task[], sessions: Session[], unread = new Unread()) {
  const { records, commits } = arrange();
  await records.turn((turn) => {
    for (const each of tasks) turn.put('task', each, { quietly: true });
    for (const each of sessions) turn.put('session', each, { quietly: true });
  });
  const all = { taskIds: tasks.map(({ id }) => id), sessionIds: sessions.map(({ id }) => id), unread };
  const mended = await records.turn((turn) => repairRelations(turn, all));
  expect(await records.turn((turn) => repairRelations(turn, all))).toEqual([]);
  const facts = commits.flatMap((commit) => commit.facts);
  expect(facts.filter(({ audience }) => audience !== 'changes')).toEqual([]);
  const sessionIdsOf = (id: string) => records.get('task', id)?.sessionIds;
  const taskIdsOf = (id: string) => records.get('session', id)?.taskIds;
  return { mended, sessionIdsOf, taskIdsOf };
}

it('relations that agree are left alone', async () => {
  const { mended } = await repaired(
    [task('task_a', { sessionIds: ['sess_b', 'sess_a'] })],
    [session('sess_a', { taskIds: ['task_a'] }), session('sess_b', { taskIds: ['task_a'] })],
  );
  expect(mended).toEqual([]);
});

it('where task and session disagree, the session says what is so', async () => {
  const { mended, sessionIdsOf, taskIdsOf } = await repaired(
    [task('task_a', { sessionIds: ['sess_a', 'sess_gone'] }), task('task_b')],
    [session('sess_a', { taskIds: ['task_b'] })],
  );
  expect(sessionIdsOf('task_a')).toEqual([]);
  expect(sessionIdsOf('task_b')).toEqual(['sess_a']);
  expect(taskIdsOf('sess_a')).toEqual(['task_b']);
  expect(mended).toHaveLength(2);
  expect(mended[0]).toContain('task_a');
});

it('tasks that are not there are taken out of sessions', async () => {
  const { mended, taskIdsOf } = await repaired(
    [task('task_a', { sessionIds: ['sess_a'] })],
    [session('sess_a', { taskIds: ['task_gone', 'task_a'] })],
  );
  expect(taskIdsOf('sess_a')).toEqual(['task_a']);
  expect(mended).toHaveLength(1);
});

it('a task that stands twice in a session stands in it once, and the session once in the task', async () => {
  const { sessionIdsOf, taskIdsOf } = await repaired(
    [task('task_a', { sessionIds: ['sess_a'] })],
    [session('sess_a', { taskIds: ['task_a', 'task_a'] })],
  );
  expect(taskIdsOf('sess_a')).toEqual(['task_a']);
  expect(sessionIdsOf('task_a')).toEqual(['sess_a']);
});

it('a session that stands twice in a task does not hide one that is missing', async () => {
  const { sessionIdsOf } = await repaired(
    [task('task_a', { sessionIds: ['sess_a', 'sess_a'] })],
    [session('sess_a', { taskIds: ['task_a'] }), session('sess_b', { taskIds: ['task_a'] })],
  );
  expect(sessionIdsOf('task_a')).toEqual(['sess_a', 'sess_b']);
});

it('a task that could not be read stays in its sessions', async () => {
  const unread = new Unread();
  unread.add('task/task_odd');
  const { mended, taskIdsOf } = await repaired(
    [task('task_a', { sessionIds: ['sess_a'] })],
    [session('sess_a', { taskIds: ['task_odd', 'task_a'] })],
    unread,
  );
  expect(taskIdsOf('sess_a')).toEqual(['task_odd', 'task_a']);
  expect(mended).toEqual([]);
});

it('a session that could not be read stays in its tasks, once', async () => {
  const unread = new Unread();
  unread.add('session/sess_odd');
  const { mended, sessionIdsOf } = await repaired(
    [task('task_a', { sessionIds: ['sess_odd', 'sess_a', 'sess_gone'] })],
    [session('sess_a', { taskIds: ['task_a'] })],
    unread,
  );
  expect(sessionIdsOf('task_a')).toEqual(['sess_a', 'sess_odd']);
  expect(mended).toHaveLength(1);
});

it('tasks of a project whose folder could not be read stay in the sessions of that project', async () => {
  const unread = new Unread();
  const { projectId } = session('sess_a');
  unread.addTasksOf(projectId);
  const { taskIdsOf } = await repaired(
    [],
    [
      session('sess_a', { taskIds: ['task_1'] }),
      session('sess_b', { projectId: 'proj_other', taskIds: ['task_2'] }),
    ],
    unread,
  );
  expect(taskIdsOf('sess_a')).toEqual(['task_1']);
  expect(taskIdsOf('sess_b')).toEqual([]);
});
