// Tasks as the tree that their parents make of them. A list that a hand has edited may hold a circle; no task is shown
// twice. No recursion: tasks may be thousands of levels deep.
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
  for (const { id, parentId } of tasks) {
    const siblings = idsByParent.get(parentId);
    if (siblings) siblings.push(id);
    else idsByParent.set(parentId, [id]);
  }

  const places: Place[] = [];
  const seen = new Set<string>();
  const waiting = roots.map((id): Waiting => ({ id, above: undefined, level: 1 })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { id, above, level } = next;
    const task = byId.get(id);
    if (!task || seen.has(id)) continue;
    seen.add(id);
    const node: TaskNode = { ...task, children: [] };
    places.push({ node, above });
    if (cut.depth !== undefined && level >= cut.depth) continue;
    for (const below of (idsByParent.get(id) ?? []).toReversed())
      waiting.push({ id: below, above: node, level: level + 1 });
  }

  const trees: TaskNode[] = [];
  // The last first: children before their parent, which stays when one of them does.
  for (const { node, above } of places.reverse()) {
    node.children.reverse();
    const isKept = cut.status === undefined || node.status === cut.status || node.children.length > 0;
    if (isKept) (above?.children ?? trees).push(node);
  }
  return trees.reverse();
}

interface Place {
  node: TaskNode;
  above: TaskNode | undefined;
}

interface Waiting {
  id: string;
  above: TaskNode | undefined;
  /** From 1. */
  level: number;
}

/** Ids of the tasks whose parent is not in the list. */
export function rootsOf(tasks: readonly TaskView[]): string[] {
  const ids = new Set(tasks.map((task) => task.id));
  return tasks.filter(({ parentId }) => parentId === null || !ids.has(parentId)).map((task) => task.id);
}

/** All tasks of some trees, parents first. */
export const flattened = (nodes: readonly TaskNode[]): TaskView[] =>
  [...walk(nodes)].map(({ node: { children: _, ...task } }) => task);

/** Deeper lines say their level in place of more indentation, which would be quadratic in the depth. */
const deepestIndented = 40;

/** One line for each task, indented by its depth. */
export const treeText = (nodes: readonly TaskNode[]): string =>
  [...walk(nodes)]
    .map(({ node, depth }) => {
      const level = depth > deepestIndented ? `(level ${depth + 1}) ` : '';
      const state = `[${node.status}${sessionPart(node)}, ${node.priority}]`;
      return indented(Math.min(depth, deepestIndented), `${level}${node.title}  ${state}  ${node.id}`);
    })
    .join('\n');

/** Parents first. */
function* walk(nodes: readonly TaskNode[]): Generator<{ node: TaskNode; depth: number }> {
  const waiting = nodes.map((node) => ({ node, depth: 0 })).reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (const child of next.node.children.toReversed()) waiting.push({ node: child, depth: next.depth + 1 });
  }
}

const sessionPart = ({ sessionStatus }: TaskView): string =>
  sessionStatus ? `, session: ${sessionStatus}` : '';
