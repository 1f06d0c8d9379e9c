import { describe, expect, it } from 'vitest';
import { flattened, rootsOf, treesOf, type TaskNode } from '../../src/cli/tasks/tree.ts';
import { TaskView } from '../../src/cli/views.ts';

const task = (id: string, parentId: string | null = null, status = 'todo'): TaskView =>
  TaskView.parse({ id, parentId, status, projectId: 'p', title: id, priority: 'low', createdAt: 1 });

const shape = (nodes: TaskNode[]): unknown[] =>
  nodes.map(({ id, children }) => (children.length === 0 ? id : [id, ...shape(children)]));

const tasks = [
  task('a'),
  task('b', 'a'),
  task('c', 'b', 'completed'),
  task('d', 'a'),
  task('e'),
  task('f', 'gone'),
];

describe('tasks as a tree', () => {
  it('stands every task below its parent, in the order of the list', () => {
    expect(shape(treesOf(tasks, rootsOf(tasks)))).toEqual([['a', ['b', 'c'], 'd'], 'e', 'f']);
  });

  it('is cut at a depth', () => {
    expect(shape(treesOf(tasks, ['a'], { depth: 1 }))).toEqual(['a']);
    expect(shape(treesOf(tasks, ['a'], { depth: 2 }))).toEqual([['a', 'b', 'd']]);
  });

  it('keeps tasks of a status, and those above them', () => {
    expect(shape(treesOf(tasks, rootsOf(tasks), { status: 'completed' }))).toEqual([['a', ['b', 'c']]]);
  });

  it('ends at a circle', () => {
    const circle = [task('a', 'b'), task('b', 'a')];
    expect(shape(treesOf(circle, ['a']))).toEqual([['a', 'b']]);
  });

  it('is a list again, parents first', () => {
    expect(flattened(treesOf(tasks, ['a'])).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });
});
