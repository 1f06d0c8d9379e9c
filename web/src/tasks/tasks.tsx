// All tasks, as a tree or as a board.
import { useMemo, useState } from 'react';
import type { Task } from '../live/api.ts';
import { useTheWorld, useWorld } from '../live/use.ts';
import { columnsOf, TaskBoard } from './board.tsx';
import { branchesOf } from './branches.ts';
import { useChoice, type Choice } from './choice.ts';
import { fitting } from './fitting.ts';
import { useFolds } from './folds.ts';
import { ProjectDialog } from './project-dialog.tsx';
import { selectedOf, SelectionBar, useSelection } from './selection.tsx';
import { SpawnDialog } from './spawn-dialog.tsx';
import { TaskDialog, type TaskInView } from './task-dialog.tsx';
import { Toolbar } from './toolbar.tsx';
import { Tree } from './tree.tsx';

type Open = { is: 'task'; view: TaskInView } | { is: 'project' } | { is: 'spawn' };

export function TasksView() {
  const world = useTheWorld();
  const [choice, choose] = useChoice();
  const [open, setOpen] = useState<Open | null>(null);
  const selection = useSelection();
  const folds = useFolds(choice.words);
  const shown = useShown(choice, folds.ids);
  const projects = [...world.projects.values()];
  const selected = selectedOf(world.tasks, selection);
  const showsProjects = choice.project === '' && projects.length > 1;
  const edit = (task: Task): void => setOpen({ is: 'task', view: { task } });
  const make = (projectId: string, parentId: string): void =>
    setOpen({ is: 'task', view: { task: null, projectId, parentId } });
  const addBelow = (task: Task): void => {
    folds.fold(task.id, false);
    make(task.projectId, task.id);
  };
  const close = (): void => {
    setOpen(null);
    focusSomething();
  };
  return (
    <>
      <Toolbar
        choice={choice}
        choose={choose}
        projects={projects}
        count={countOf(shown)}
        onNewTask={() =>
          make(world.projects.has(choice.project) ? choice.project : (projects[0]?.id ?? ''), '')
        }
        onNewProject={() => setOpen({ is: 'project' })}
        onFoldAll={shown.is === 'tree' ? folds.foldAll : null}
      />
      {countOf(shown) === 0 && <Nothing choice={choice} />}
      {shown.is === 'tree' && shown.branches.length > 0 && (
        <Tree
          branches={shown.branches}
          selected={selection.ids}
          showsProjects={showsProjects}
          fold={folds.fold}
          acts={{ edit, addBelow, select: selection.select }}
        />
      )}
      {shown.is === 'board' && (
        <TaskBoard
          columns={shown.columns}
          context={{ selected: selection.ids, showsProjects, edit, select: selection.select }}
        />
      )}
      <SelectionBar
        count={selected.length}
        onSpawn={() => setOpen({ is: 'spawn' })}
        onClear={() => selection.keepOnly([])}
      />
      {open?.is === 'task' && <TaskDialog view={open.view} onClose={close} />}
      {open?.is === 'project' && <ProjectDialog onMade={(id) => choose({ project: id })} onClose={close} />}
      {open?.is === 'spawn' && <SpawnDialog tasks={selected} keepOnly={selection.keepOnly} onClose={close} />}
    </>
  );
}

type Shown =
  | { is: 'tree'; branches: ReturnType<typeof branchesOf> }
  | { is: 'board'; columns: ReturnType<typeof columnsOf> };

/** Made anew when the world or the choice has changed, and not when something else is drawn. */
function useShown({ view, project, words, hidesClosed }: Choice, folded: ReadonlySet<string>): Shown {
  const { tasks } = useTheWorld();
  const version = useWorld((world) => world.version);
  return useMemo((): Shown => {
    if (view === 'board')
      return { is: 'board', columns: columnsOf(tasks.values(), project, fitting(words, false)) };
    return { is: 'tree', branches: branchesOf(tasks, project, fitting(words, hidesClosed), folded) };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the same map holds what is new: `version` tells of it
  }, [tasks, version, view, project, words, hidesClosed, folded]);
}

const countOf = (shown: Shown): number =>
  shown.is === 'tree'
    ? shown.branches.filter(({ isOnlyOnTheWay }) => !isOnlyOnTheWay).length
    : Object.values(shown.columns).reduce((sum, column) => sum + column.length, 0);

function Nothing({ choice: { project, words } }: { choice: Choice }) {
  const { projects, tasks, version } = useTheWorld();
  if (version === 0) return <p role="status">reading…</p>;
  if (projects.size === 0)
    return (
      <p className="empty">
        There is no project yet. A project names the folder in which agents work; its tasks are what they work
        on.
      </p>
    );
  if (words !== '') return <p className="empty">No task is like that.</p>;
  return (
    <p className="empty">
      {tasks.size === 0 || project !== '' ? 'There is no task here yet.' : 'All are completed or cancelled.'}
    </p>
  );
}

/** What had the focus before a dialog may be gone with the task that was deleted. */
function focusSomething(): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const row = document.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]');
    (row ?? document.getElementById('main'))?.focus();
  });
}
