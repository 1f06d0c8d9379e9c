// Orders as a spawn makes them, in a folder that is gone after the test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ManifestOrder } from '../../src/manifest/generator.ts';
import { Project } from '../../src/domain/project.ts';
import { Task } from '../../src/domain/task.ts';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-manifest-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const project = Project.parse({
  id: 'proj_1',
  name: 'Orchard',
  workingDir: '/srv/orchard',
  createdAt: 1_700_000_000_000,
  updatedAt: 1_700_000_000_000,
});

export const task = (id: string, fields: Partial<Task> = {}): Task => ({
  ...Task.parse({
    id,
    projectId: project.id,
    title: `Title of ${id}`,
    description: `Description of ${id}`,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
  }),
  ...fields,
});

export const order = (
  folder: string,
  sessionId = 'sess_1',
  fields: Partial<ManifestOrder> = {},
): ManifestOrder => ({
  sessionId,
  path: join(folder, sessionId, 'manifest.json'),
  project,
  tasks: [task('task_1'), task('task_2')],
  role: 'worker',
  strategy: 'simple',
  skills: ['maestro-worker', 'pruning'],
  model: 'opus',
  templateId: 'tmpl_1',
  context: { ticket: 'ORC-7' },
  ...fields,
});

/** Runs to its end whatever the signal says. */
export const neverAborted = (): AbortSignal => new AbortController().signal;
