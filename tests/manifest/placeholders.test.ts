import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { defaultTemplates } from '../../src/catalog/default-templates.ts';
import { buildManifest } from '../../src/manifest/build.ts';
import { fillPlaceholders, placeholderValues } from '../../src/manifest/placeholders.ts';
import { project, task } from './orders.ts';

const assets = fileURLToPath(new URL('../../assets/', import.meta.url));

const manifest = () => {
  const tasks = [
    task('task_1', { acceptanceCriteria: ['it grows', 'it blooms'], priority: 'high' }),
    task('task_2', { dependencies: ['task_1'] }),
  ];
  return buildManifest({ role: 'worker', strategy: 'tree', project, tasks, skills: [] });
};

test('fills both forms, every time they occur', () => {
  expect(fillPlaceholders('${A} {{A}} ${B}{{B}}', { A: '1', B: '' })).toBe('1 1 ');
});

test('leaves what it does not know as it is', () => {
  const content = '${NOT_KNOWN} {{NOT_KNOWN}} ${toString} {{constructor}} $A {A} ${} {{ A }}';
  expect(fillPlaceholders(content, { A: '1' })).toBe(content);
});

test('does not fill again what a value holds, nor read it as a pattern', () => {
  expect(fillPlaceholders('${A}', { A: "${B} {{B}} $& $1 $'", B: 'no' })).toBe("${B} {{B}} $& $1 $'");
});

test('has a value for every placeholder of the contract', () => {
  expect(placeholderValues({ manifest: manifest(), sessionId: 'sess_1' })).toEqual({
    TASK_ID: 'task_1',
    TASK_TITLE: 'Title of task_1',
    TASK_DESCRIPTION: 'Description of task_1',
    TASK_PRIORITY: 'high',
    ACCEPTANCE_CRITERIA: '- it grows\n- it blooms',
    ALL_TASKS: [
      '1. Title of task_1 (id task_1, priority high)\nDescription of task_1\nDone when:\n- it grows\n- it blooms',
      '2. Title of task_2 (id task_2, priority medium)\nDescription of task_2\nDepends on: task_1\nDone when:\n- Task completion as described',
    ].join('\n\n'),
    CODEBASE_CONTEXT: '',
    RELATED_TASKS: '',
    PROJECT_STANDARDS: '',
    STRATEGY_INSTRUCTIONS: expect.stringContaining('one after another') as string,
    PROJECT_NAME: 'Orchard',
    TASK_COUNT: '2',
    STRATEGY: 'simple',
    SESSION_ID: 'sess_1',
  });
});

test('speaks of the session strategy when it is told, since a manifest calls a tree simple', () => {
  const values = placeholderValues({ manifest: manifest(), sessionId: 'sess_1', strategy: 'tree' });
  expect(values.STRATEGY).toBe('tree');
  expect(values.STRATEGY_INSTRUCTIONS).toContain('maestro task children <id> --recursive');
});

test('takes what the context of a spawn tells, text as it is and the rest as JSON', () => {
  const made = manifest();
  made.context.custom = { codebaseContext: 'a monorepo', relatedTasks: ['task_3'], projectStandards: null };
  const values = placeholderValues({ manifest: made, sessionId: 'sess_1' });
  expect(values.CODEBASE_CONTEXT).toBe('a monorepo');
  expect(values.RELATED_TASKS).toBe('[\n  "task_3"\n]');
  expect(values.PROJECT_STANDARDS).toBe('');
  expect(values.PROJECT_NAME).toBe('');
});

test.each(defaultTemplates(assets))(
  'fills every placeholder of the shipped template: $name',
  ({ content }) => {
    const filled = fillPlaceholders(
      content,
      placeholderValues({ manifest: manifest(), sessionId: 'sess_1' }),
    );
    expect(filled).not.toMatch(/\$\{|\{\{/);
    expect(filled).toContain('Title of task_2');
  },
);

test('ships one template for each role', () => {
  expect(defaultTemplates(assets).map(({ role, name }) => `${role}: ${name}`)).toEqual([
    'worker: Default Worker Template',
    'orchestrator: Default Orchestrator Template',
  ]);
});
