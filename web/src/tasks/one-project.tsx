// A session works in one project: where the tasks are of several, that is said, and how to go on.
import type { Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';

export function Projects({
  tasks,
  keepOnly,
}: {
  tasks: readonly Task[];
  keepOnly: (ids: readonly string[]) => void;
}) {
  const { projects } = useTheWorld();
  const byProject = new Map<string, string[]>();
  for (const { id, projectId } of tasks) byProject.set(projectId, [...(byProject.get(projectId) ?? []), id]);
  const nameOf = (id: string): string => projects.get(id)?.name ?? id;
  const [first] = byProject.keys();
  if (first === undefined) return null;
  if (byProject.size === 1) return <p className="small">Project: {nameOf(first)}</p>;
  return (
    <div role="alert" className="refusal">
      <p>These tasks are of {byProject.size} projects, and a session works in one.</p>
      <div className="line">
        {[...byProject].map(([id, own]) => (
          <button key={id} type="button" onClick={() => keepOnly(own)}>
            Keep only those of {nameOf(id)} ({own.length})
          </button>
        ))}
      </div>
    </div>
  );
}
