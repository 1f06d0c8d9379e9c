// Tasks as the tree that their parents make of them. A list that a hand has edited may hold a circle; no task is shown
// twice.
import { indented } from '../text.ts';
import type { TaskView } from '../views.ts';

export type TaskNode = TaskView & { children: TaskNode[] };

interface Cut {
  /** Levels; undefined for all. */
  depth?: number | undefined;
  /** Keeps tasks of this status, and those above them. */
  status?: string | undefined;
}

/**
 * The trees below some tasks, these included, in the order of the list.
 * @param roots ids; those of tasks that are not in the list are passed over
 */
export function treesOf(tasks: readonly TaskView[], roots: readonly string[], cut: Cut = {}): TaskNode[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const idsByParent = new Map<string | null, string[]>();
  for (const { id, parentId } of tasks) idsByParent.set(parentId, [...(idsByParent.get(parentId) ?? []), id]);
  const seen = new Set<string>();

  const nodesOf = (ids: readonly string[], level: number): TaskNode[] =>
    ids.flatMap((id) => {
      const task = byId.get(id);
      if (!task || seen.has(id)) return [];
      seen.add(id);
      const below = idsByParent.get(id) ?? [];
      const children = cut.depth !== undefined && level >= cut.depth ? [] : nodesOf(below, level + 1);
      const isKept = cut.status === undefined || task.status === cut.status || children.length > 0;
      return isKept ? [{ ...task, children }] : [];
    });

  return nodesOf(roots, 1);
}

/** Ids of the tasks whose parent is not in the list. */
export function rootsOf(tasks: readonly TaskView[]): string[] {
  const ids = new Set(tasks.map((task) => task.id));
  return tasks.filter(({ parentId }) => parentId === null || !ids.has(parentId)).map((task) => task.id);
}

/** All tasks of some trees, parents first. */
export const flattened = (nodes: readonly TaskNode[]): TaskView[] =>
  nodes.flatMap(({ children, ...task }) => [task, ...flattened(children)]);

/** One line for each task, indented by its depth. */
export function treeText(nodes: readonly TaskNode[], depth = 0): string {
  return nodes
    .flatMap(({ children, ...task }) => [
      indented(depth, `${task.title}  [${task.status}${sessionPart(task)}, ${task.priority}]  ${task.id}`),
      ...(children.length > 0 ? [treeText(children, depth + 1)] : []),
    ])
    .join('\n');
}

const sessionPart = ({ sessionStatus }: TaskView): string =>
  sessionStatus ? `, session: ${sessionStatus}` : '';
