import { expect, it } from 'vitest';
import type { Session } from '../../src/domain/session.ts';
import type { Task } from '../../src/domain/task.ts';
import { repairRelations } from '../../src/records/repair.ts';
import { arrange, session, task } from './arrange.ts';

/** Repairs what files say; a second repair must find nothing. */
async function repaired(tasks: Task[], sessions: Session[]) {
  const { records, commits } = arrange();
  await records.turn((turn) => {
    for (const each of tasks) turn.put('task', each, { quietly: true });
    for (const each of sessions) turn.put('session', each, { quietly: true });
  });
  const all = { taskIds: tasks.map(({ id }) => id), sessionIds: sessions.map(({ id }) => id) };
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
