import type { Request, Response } from 'express';
import { expect, it } from 'vitest';
import { createProject } from '../../src/catalog/projects.ts';
import type { Project } from '../../src/domain/project.ts';
import { Idempotency } from '../../src/http/idempotency.ts';
import type { Keep } from '../../src/records/records.ts';
import { arrange } from '../records/arrange.ts';

it('no more answers are kept than the bound says, also between two sweeps: the oldest go', async () => {
  const { records } = arrange();
  const most = 200;
  const remake = () => Promise.reject(new Error('no answer here shows a session'));
  const idempotency = new Idempotency(records, remake, most);
  const answered: number[] = [];
  const response = { writeHead: (status: number) => answered.push(status), end: () => undefined };
  const ask = (key: string): Promise<void> =>
    idempotency.perform(
      { method: 'POST', get: () => key, baseUrl: '', path: '/x', body: {} } as unknown as Request,
      response as unknown as Response,
      {
        act: (keep: Keep<Project>) =>
          records.turn((turn) => createProject(turn, { name: key, workingDir: '', description: '' }), keep),
        reply: ({ id }: Project) => ({ status: 201, body: { id } }),
      },
    );
  for (let index = 0; index < 3 * most; index += 1) {
    await ask(`key ${index}`);
    expect(records.count('answer')).toBeLessThanOrEqual(most * 1.01 + 1);
  }
  const projects = records.count('project');
  await ask(`key ${3 * most - 1}`);
  expect(records.count('project'), 'the newest is still kept').toBe(projects);
  await ask('key 0');
  expect(records.count('project'), 'the oldest is not').toBe(projects + 1);
  expect(answered).toHaveLength(3 * most + 2);
});
