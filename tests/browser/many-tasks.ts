// Tasks by the thousand, as they lie on disk before the server starts: much quicker than to ask for each.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BELOW_EACH = 9;

/** One project; each tenth task has the next nine below it. @returns the id of the project. */
export function layTasks(dataDir: string, count: number): string {
  const project = { id: 'proj_1_aaaaaaaaa', name: 'Large', workingDir: '', createdAt: 1, updatedAt: 1 };
  const folder = join(dataDir, 'tasks', project.id);
  mkdirSync(join(dataDir, 'projects'), { recursive: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(dataDir, 'projects', `${project.id}.json`), JSON.stringify(project));
  for (let number = 0; number < count; number += 1) {
    const above = number - (number % (BELOW_EACH + 1));
    const task = {
      id: idOf(number),
      projectId: project.id,
      parentId: above === number ? null : idOf(above),
      title: `Task ${number}`,
      status: number % 2 === 0 ? 'todo' : 'completed',
      createdAt: number + 1,
      updatedAt: number + 1,
    };
    writeFileSync(join(folder, `${task.id}.json`), JSON.stringify(task));
  }
  return project.id;
}

const idOf = (number: number): string => `task_1_${String(number).padStart(9, '0')}`;
