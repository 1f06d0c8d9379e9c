// The tree as the list of its rows, from top to bottom; what is folded is not in it.
import type { Task } from '../live/api.ts';
import type { Fits } from './fitting.ts';

export interface Branch {
  task: Task;
  /** 1 for a root. */
  level: number;
  /** Among its siblings that are shown, from 1. */
  place: number;
  siblings: number;
  /** null: nothing is below it. */
  isFolded: boolean | null;
  /** It is here only because of what is below it. */
  isOnlyOnTheWay: boolean;
}

type Tasks = ReadonlyMap<string, Task>;

/** @param project its id; `''` for all. */
export function branchesOf(
  tasks: Tasks,
  project: string,
  fits: Fits | null,
  folded: ReadonlySet<string>,
): Branch[] {
  const below = childrenOf(tasks, project, fits && withThoseAbove(tasks, fits));
  const branches: Branch[] = [];
  // No recursion: tasks may be deep below each other.
  const way = [{ siblings: below.get('') ?? [], next: 0 }];
  for (let here = way.at(-1); here; here = way.at(-1)) {
    const task = here.siblings[here.next];
    if (!task) {
      way.pop();
      continue;
    }
    here.next += 1;
    const children = below.get(task.id);
    const isFolded = children ? folded.has(task.id) : null;
    branches.push({
      task,
      level: way.length,
      place: here.next,
      siblings: here.siblings.length,
      isFolded,
      isOnlyOnTheWay: fits !== null && !fits(task),
    });
    if (children && isFolded === false) way.push({ siblings: children, next: 0 });
  }
  return branches;
}

/** By the id of what they are below; `''` for roots. */
export function childrenOf(tasks: Tasks, project: string, only: ReadonlySet<string> | null) {
  const below = new Map<string, Task[]>();
  for (const task of tasks.values()) {
    if (project !== '' && task.projectId !== project) continue;
    if (only && !only.has(task.id)) continue;
    const parent = task.parentId !== null && tasks.has(task.parentId) ? task.parentId : '';
    const siblings = below.get(parent);
    if (siblings) siblings.push(task);
    else below.set(parent, [task]);
  }
  return below;
}

function withThoseAbove(tasks: Tasks, fits: Fits): Set<string> {
  const ids = new Set<string>();
  for (const task of tasks.values()) {
    if (!fits(task)) continue;
    let above: Task | undefined = task;
    while (above && !ids.has(above.id)) {
      ids.add(above.id);
      above = above.parentId === null ? undefined : tasks.get(above.parentId);
    }
  }
  return ids;
}

/** The task and all that is below it. */
export function withThoseBelow(tasks: Tasks, id: string): Set<string> {
  const below = childrenOf(tasks, '', null);
  const ids = new Set([id]);
  // Grows while it is walked.
  for (const each of ids) for (const child of below.get(each) ?? []) ids.add(child.id);
  return ids;
}
