import { expect, it } from 'vitest';
import { getFrom, newTables, setIn } from '../../src/records/table.ts';
import { NOW, queue, session, task } from './arrange.ts';

const ids = (records: { id: string }[]): string[] => records.map(({ id }) => id);

it('a record is found by its id, and gone when it is taken out', () => {
  const tables = newTables();
  setIn(tables, 'task', 'task_a', task('task_a'));
  setIn(tables, 'queue', 'sess_a', queue('sess_a'));
  expect(getFrom(tables, 'task', 'task_a')?.id).toBe('task_a');
  expect(getFrom(tables, 'queue', 'sess_a')?.sessionId).toBe('sess_a');
  setIn(tables, 'task', 'task_a', undefined);
  expect(getFrom(tables, 'task', 'task_a')).toBeUndefined();
  expect(tables.task.size).toBe(0);
});

it('a table keeps the order in which records came, whatever changes', () => {
  const tables = newTables();
  for (const id of ['task_a', 'task_b', 'task_c']) setIn(tables, 'task', id, task(id));
  setIn(tables, 'task', 'task_a', task('task_a', { title: 'Changed' }));
  expect(ids([...tables.task.values()])).toEqual(['task_a', 'task_b', 'task_c']);
});

it('tasks are listed by project, by parent and by both; roots under no parent', () => {
  const tables = newTables();
  setIn(tables, 'task', 'task_a', task('task_a'));
  setIn(tables, 'task', 'task_b', task('task_b', { parentId: 'task_a' }));
  setIn(tables, 'task', 'task_c', task('task_c', { projectId: 'proj_b' }));
  expect(ids(tables.task.listed('project:proj_a'))).toEqual(['task_a', 'task_b']);
  expect(ids(tables.task.listed('parent:task_a'))).toEqual(['task_b']);
  expect(ids(tables.task.listed('parent:'))).toEqual(['task_a', 'task_c']);
  expect(ids(tables.task.listed('projectParent:proj_a/'))).toEqual(['task_a']);
  expect(tables.task.count('project:proj_a')).toBe(2);
});

it('sessions are listed by project, by status and by each of their tasks', () => {
  const tables = newTables();
  setIn(tables, 'session', 'sess_a', session('sess_a', { taskIds: ['task_a', 'task_b'] }));
  setIn(tables, 'session', 'sess_b', session('sess_b', { taskIds: ['task_b'], status: 'working' }));
  expect(ids(tables.session.listed('project:proj_a'))).toEqual(['sess_a', 'sess_b']);
  expect(ids(tables.session.listed('status:working'))).toEqual(['sess_b']);
  expect(ids(tables.session.listed('task:task_b'))).toEqual(['sess_a', 'sess_b']);
});

it('templates are listed by role', () => {
  const tables = newTables();
  const template = { id: 'tmpl_a', name: 'T', role: 'worker' as const, content: '', isDefault: true };
  setIn(tables, 'template', 'tmpl_a', { ...template, createdAt: NOW, updatedAt: NOW });
  expect(ids(tables.template.listed('role:worker'))).toEqual(['tmpl_a']);
  expect(tables.template.listed('role:orchestrator')).toEqual([]);
});

it('a record that changes leaves the lists that it left, and no empty list stays behind', () => {
  const tables = newTables();
  setIn(tables, 'session', 'sess_a', session('sess_a', { taskIds: ['task_a'] }));
  setIn(tables, 'session', 'sess_a', session('sess_a', { taskIds: ['task_b'], status: 'failed' }));
  expect(tables.session.listed('task:task_a')).toEqual([]);
  expect(tables.session.count('status:idle')).toBe(0);
  expect(ids(tables.session.listed('task:task_b'))).toEqual(['sess_a']);
  setIn(tables, 'session', 'sess_a', undefined);
  expect(tables.session.listed('task:task_b')).toEqual([]);
  expect(tables.session.count('project:proj_a')).toBe(0);
});

it('a list is oldest first also for a record that got its key later than a younger one', () => {
  const tables = newTables();
  for (const id of ['sess_a', 'sess_b', 'sess_c']) setIn(tables, 'session', id, session(id));
  for (const id of ['sess_c', 'sess_a', 'sess_b'])
    setIn(tables, 'session', id, session(id, { status: 'working', taskIds: ['task_a'] }));
  for (const key of ['status:working', 'task:task_a', 'project:proj_a'])
    expect(ids(tables.session.listed(key))).toEqual(['sess_a', 'sess_b', 'sess_c']);
  setIn(tables, 'session', 'sess_b', undefined);
  setIn(tables, 'session', 'sess_b', session('sess_b', { status: 'working' }));
  expect(ids(tables.session.listed('status:working'))).toEqual(['sess_a', 'sess_c', 'sess_b']);
});

it('a session is listed by its tasks as they are after any change of many', () => {
  const tables = newTables();
  const all = Array.from({ length: 8 }, (_, index) => `task_${index}`);
  const lists = [all, all.slice(2, 6), ['task_9', ...all], [...all].reverse(), ['task_3', 'task_3'], [], all];
  for (const taskIds of lists) {
    setIn(tables, 'session', 'sess_a', session('sess_a', { taskIds }));
    const found = [...all, 'task_9'].filter((id) => tables.session.count(`task:${id}`) > 0);
    expect(found).toEqual([...new Set(taskIds)].sort());
  }
});
