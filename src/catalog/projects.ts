// Projects: fields, and no life of their own. Each function is the work of one turn.
import { MaestroError } from '../domain/errors.ts';
import type { Project, ProjectChange, ProjectDraft } from '../domain/project.ts';
import type { Turn } from '../records/turn.ts';

/** @throws PROJECT_NOT_FOUND. */
export function projectIn(turn: Turn, id: string): Project {
  const project = turn.find('project', id);
  if (!project) throw new MaestroError('PROJECT_NOT_FOUND', `Project ${id} not found`, { projectId: id });
  return project;
}

export function createProject(turn: Turn, draft: ProjectDraft): Project {
  const project: Project = { id: turn.newId('proj'), ...draft, createdAt: turn.at, updatedAt: turn.at };
  turn.put('project', project);
  return project;
}

/** @throws PROJECT_NOT_FOUND. */
export function changeProject(turn: Turn, id: string, change: ProjectChange): Project {
  const project: Project = { ...projectIn(turn, id), ...change, updatedAt: turn.at };
  turn.put('project', project);
  return project;
}

/** @throws PROJECT_NOT_FOUND; PROJECT_HAS_DEPENDENCIES while tasks or sessions belong to it. */
export function deleteProject(turn: Turn, id: string): void {
  projectIn(turn, id);
  const tasks = turn.count('task', `project:${id}`);
  const sessions = turn.count('session', `project:${id}`);
  const refuse = (what: string): never => {
    throw new MaestroError('PROJECT_HAS_DEPENDENCIES', `Cannot delete project with ${what}`, {
      tasks,
      sessions,
    });
  };
  if (tasks > 0) refuse(`${tasks} existing task(s)`);
  if (sessions > 0) refuse(`${sessions} existing session(s)`);
  turn.drop('project', id);
}
