import { expect, test } from 'vitest';
import { buildManifest, type ManifestParts } from '../../src/manifest/build.ts';
import { completeManifest } from '../../src/manifest/complete.ts';
import { parseManifest } from '../../src/manifest/schema.ts';
import { order, project, task } from './orders.ts';

const build = (parts: Partial<ManifestParts> = {}) =>
  buildManifest({
    role: 'worker',
    strategy: 'simple',
    project,
    tasks: [task('task_1')],
    skills: [],
    ...parts,
  });

test('makes the whole manifest from records', () => {
  const made = build({
    role: 'orchestrator',
    strategy: 'queue',
    tasks: [
      task('task_1', {
        acceptanceCriteria: ['it grows'],
        parentId: 'task_0',
        dependencies: ['task_9'],
        priority: 'high',
        metadata: { any: 1 },
        status: 'in_progress',
        sessionIds: ['sess_1'],
        initialPrompt: 'not in a manifest',
      }),
    ],
    skills: ['maestro-orchestrator'],
  });
  expect(JSON.parse(JSON.stringify(made))).toEqual({
    manifestVersion: '1.0',
    role: 'orchestrator',
    strategy: 'queue',
    tasks: [
      {
        id: 'task_1',
        title: 'Title of task_1',
        description: 'Description of task_1',
        acceptanceCriteria: ['it grows'],
        projectId: 'proj_1',
        createdAt: '2023-11-14T22:13:20.000Z',
        parentId: 'task_0',
        dependencies: ['task_9'],
        priority: 'high',
        metadata: { any: 1 },
        status: 'in_progress',
        sessionIds: ['sess_1'],
      },
    ],
    session: {
      model: 'sonnet',
      permissionMode: 'acceptEdits',
      thinkingMode: 'auto',
      workingDirectory: '/srv/orchard',
    },
    skills: ['maestro-orchestrator'],
    context: { custom: { project: { id: 'proj_1', name: 'Orchard' } } },
  });
});

test('makes what the strict reader takes, tasks in their order', () => {
  const made = build({ tasks: [task('task_2'), task('task_1')], strategy: 'tree', skills: ['', 'a', ''] });
  const read = parseManifest(JSON.parse(JSON.stringify(made)));
  expect(read).toEqual(made);
  expect(read.tasks.map(({ id }) => id)).toEqual(['task_2', 'task_1']);
  expect(read.strategy).toBe('simple');
  expect(read.skills).toEqual(['a']);
});

test('gives a task without acceptance criteria one', () => {
  for (const acceptanceCriteria of [undefined, [], ['']]) {
    const [made] = build({ tasks: [task('task_1', { acceptanceCriteria })] }).tasks;
    expect(made?.acceptanceCriteria).toEqual(['Task completion as described']);
  }
});

test('leaves the working directory out when the project has none', () => {
  expect(build({ project: { ...project, workingDir: '' } }).session).not.toHaveProperty('workingDirectory');
});

test('takes the model that is asked for, else the strongest of the tasks, else sonnet', () => {
  const tasks = [
    task('a', { model: 'haiku' }),
    task('b', { model: 'opus' }),
    task('c', { model: 'sonnet' }),
    task('d'),
  ];
  expect(build({ tasks, model: 'haiku' }).session.model).toBe('haiku');
  expect(build({ tasks }).session.model).toBe('opus');
  expect(build({ tasks: tasks.slice(0, 1) }).session.model).toBe('haiku');
  expect(build().session.model).toBe('sonnet');
});

test('takes files of old versions, with whatever they lack', () => {
  const old = {
    id: 'task_1',
    title: 'Old',
    status: 'pending',
    createdAt: '2020-02-02T00:00:00Z',
    dependencies: null,
  };
  const made = build({
    project: { id: 'proj_1' },
    tasks: [
      old,
      { id: 'task_2', title: 'Older', createdAt: 'long ago', priority: 'urgent', acceptanceCriteria: 'all' },
    ],
  });
  expect(parseManifest(JSON.parse(JSON.stringify(made)))).toEqual(made);
  expect(made.tasks[0]).toMatchObject({
    status: 'todo',
    description: '',
    projectId: 'proj_1',
    createdAt: '2020-02-02T00:00:00.000Z',
    parentId: null,
    dependencies: [],
  });
  expect(made.tasks[1]).toMatchObject({ createdAt: '1970-01-01T00:00:00.000Z', priority: 'medium' });
});

test('refuses no tasks, and a task or project without what cannot be guessed', () => {
  const refusal = (message: string) =>
    expect.objectContaining({ code: 'MANIFEST_GENERATION_ERROR', message }) as Error;
  expect(() => build({ tasks: [] })).toThrow(refusal('a manifest needs at least one task'));
  expect(() => build({ tasks: [{ id: 'task_1' }] })).toThrow(
    refusal('task "task_1" is not valid: title is missing'),
  );
  expect(() => build({ project: {} })).toThrow(refusal('the project is not valid: id is missing'));
});

test('completes a manifest, whatever stood there, and leaves the one it was given alone', () => {
  const wanted = order('/srv', 'sess_1', { context: { ticket: 7, project: 'not this', kept: 'newer' } });
  const given = {
    manifestVersion: '1.0',
    role: 'worker' as const,
    tasks: [{}],
    skills: ['', 'a', 3],
    context: { more: 1, custom: { kept: 'older', own: true } },
  };
  const before = structuredClone(given);
  expect(completeManifest(given, wanted)).toEqual({
    manifestVersion: '1.0',
    role: 'worker',
    tasks: [{}],
    skills: ['a'],
    session: { model: 'opus' },
    context: {
      more: 1,
      custom: { kept: 'newer', own: true, ticket: 7, project: { id: 'proj_1', name: 'Orchard' } },
    },
    templateId: 'tmpl_1',
  });
  expect(given).toEqual(before);
  expect(completeManifest({ ...given, context: { custom: 'no object' } }, wanted).context).toMatchObject({
    custom: { ticket: 7 },
  });
});
