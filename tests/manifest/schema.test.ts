import { expect, test } from 'vitest';
import { buildManifest } from '../../src/manifest/build.ts';
import { parseManifest } from '../../src/manifest/schema.ts';
import { project, task } from './orders.ts';

const manifest = (): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify(
      buildManifest({ role: 'worker', strategy: 'simple', project, tasks: [task('task_1')], skills: ['a'] }),
    ),
  ) as Record<string, unknown>;

const withTask = (fields: object) => ({
  ...manifest(),
  tasks: [{ ...(manifest()['tasks'] as object[])[0], ...fields }],
});
const withSession = (fields: object) => ({ ...manifest(), session: { model: 'opus', ...fields } });

const refused: [string, unknown, string][] = [
  ['a field of its own', { ...manifest(), extra: 1 }, 'extra is not a known field'],
  ['a field of its own in a task', withTask({ timeline: [] }), 'tasks.0.timeline is not a known field'],
  [
    'a field of its own in the session',
    withSession({ maxTurns: 3 }),
    'session.maxTurns is not a known field',
  ],
  [
    'a field of its own in the context',
    { ...manifest(), context: { custom: {}, more: 1 } },
    'context.more is not a known field',
  ],
  ['another version', { ...manifest(), manifestVersion: '2.0' }, 'manifestVersion is wrong'],
  ['a role that is none', { ...manifest(), role: 'boss' }, 'role is wrong'],
  ['the strategy tree', { ...manifest(), strategy: 'tree' }, 'strategy is wrong'],
  ['no tasks', { ...manifest(), tasks: [] }, 'tasks is wrong'],
  ['a task without criteria', withTask({ acceptanceCriteria: [] }), 'tasks.0.acceptanceCriteria is wrong'],
  ['a task whose time is a number', withTask({ createdAt: 5 }), 'tasks.0.createdAt is wrong'],
  ['a task without title', withTask({ title: undefined }), 'tasks.0.title is missing'],
  ['a model that is none', withSession({ model: 'best' }), 'session.model is wrong'],
  ['a session without a model', withSession({ model: undefined }), 'session.model is missing'],
  ['an empty working directory', withSession({ workingDirectory: '' }), 'session.workingDirectory is wrong'],
  ['no session', { ...manifest(), session: undefined }, 'session is missing'],
  ['skills that are no texts', { ...manifest(), skills: [1] }, 'skills.0 is wrong'],
  ['a text', 'manifest', 'the file is wrong'],
  ['nothing', undefined, 'the file is missing'],
];

test.each(refused)('refuses %s', (_name, json, sentence) => {
  expect(() => parseManifest(json)).toThrow(
    expect.objectContaining({
      code: 'MANIFEST_GENERATION_ERROR',
      message: expect.stringContaining(`the manifest is not valid: ${sentence}`) as string,
    }),
  );
});

test('takes any field in metadata and in the custom context', () => {
  const json = { ...withTask({ metadata: { a: { b: 1 } } }), context: { custom: { c: [1] } } };
  expect(parseManifest(json)).toMatchObject({
    tasks: [{ metadata: { a: { b: 1 } } }],
    context: { custom: { c: [1] } },
  });
});

test('takes what somebody allowed an agent by hand', () => {
  expect(parseManifest(withSession({ allowedCommands: ['task update'] })).session.allowedCommands).toEqual([
    'task update',
  ]);
});

test('fills in what may be left out', () => {
  const { manifestVersion, role, tasks } = manifest();
  expect(parseManifest({ manifestVersion, role, tasks, session: { model: 'haiku' } })).toMatchObject({
    strategy: 'simple',
    skills: [],
    context: { custom: {} },
    session: { model: 'haiku', permissionMode: 'acceptEdits', thinkingMode: 'auto' },
  });
});

test('names several faults at once, and all of them in the details', () => {
  expect(() => parseManifest({ ...manifest(), role: 'boss', x: 1, y: 2 })).toThrow(
    expect.objectContaining({
      details: { role: expect.any(String) as string, x: 'is not a known field', y: 'is not a known field' },
    }),
  );
});
