import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/cli/json-text.ts';
import { flattened, rootsOf, treesOf, treeText, type TaskNode } from '../../src/cli/tasks/tree.ts';
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

  it('may be thousands of levels deep, in text, as JSON and as a list', () => {
    const levels = 20_000;
    const chain = Array.from({ length: levels }, (_, at) => task(`t${at}`, at === 0 ? null : `t${at - 1}`));
    const trees = treesOf(chain, rootsOf(chain), { status: 'todo' });
    expect(flattened(trees)).toEqual(chain);
    const lines = treeText(trees).split('\n');
    expect(lines).toHaveLength(levels);
    expect(lines[1]).toBe('  t1  [todo, low]  t1');
    expect(lines.at(-1)).toBe(`${' '.repeat(80)}(level 20000) t19999  [todo, low]  t19999`);
    const text = jsonText(trees);
    expect(text.length).toBeLessThan(levels * 400);
    expect(text.startsWith('[{"id":"t0",')).toBe(true);
    let [deepest] = JSON.parse(text);
    for (let at = 1; at < levels; at++) [deepest] = deepest.children;
    expect(deepest).toEqual({ ...chain.at(-1), children: [] });
  });

  it('puts thousands of tasks below one without copying them for each', () => {
    const many = [task('top'), ...Array.from({ length: 5_000 }, (_, at) => task(`t${at}`, 'top'))];
    const [top] = treesOf(many, ['top']);
    expect(top?.children.map(({ id }) => id)).toEqual(many.slice(1).map(({ id }) => id));
  });

  it('is a list again, parents first', () => {
    expect(flattened(treesOf(tasks, ['a'])).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });
});
