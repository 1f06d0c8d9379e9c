import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/manifest/schema.ts';
import { commands, type Commands } from './command.ts';

const project = { id: 'proj_1', name: 'One', workingDir: '/tmp', createdAt: 1, updatedAt: 1 };
const task = { id: 'task_1', projectId: 'proj_1', title: 'A task', createdAt: 1, updatedAt: 1 };

/** A data folder with these files, and the command in it. */
function dataFolder(files: Record<string, unknown>): Commands & { output: string } {
  const maestro = commands({ DATA_DIR: '~/data', MAESTRO_API_URL: 'http://127.0.0.1:59999' });
  for (const [name, content] of Object.entries(files)) {
    const path = join(maestro.folder, 'data', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return { ...maestro, output: join(maestro.folder, 'sessions', 's', 'manifest.json') };
}

const usual = {
  'projects/proj_1.json': project,
  'tasks/proj_1/task_1.json': task,
  'tasks/proj_1/task_2.json': { ...task, id: 'task_2', title: 'Another', model: 'opus' },
};

const generate = (output: string, ...more: string[]): string[] => [
  ...['manifest', 'generate', '--role', 'worker', '--project-id', 'proj_1', '--output', output],
  ...(more.includes('--task-ids') ? [] : ['--task-ids', 'task_2,task_1']),
  ...more,
];

const written = (path: string): any => JSON.parse(readFileSync(path, 'utf8'));

describe('maestro manifest generate', () => {
  it('writes a manifest from the files of the server, without the server', async () => {
    const { run, output } = dataFolder(usual);
    const told = await run(generate(output, '--strategy', 'queue', '--skills', 'a,b'));
    expect(told).toMatchObject({ exitCode: 0, stdout: '' });
    expect(told.stderr).toContain(output);
    const manifest = parseManifest(written(output));
    expect(manifest.tasks.map(({ id }) => id)).toEqual(['task_2', 'task_1']);
    expect(manifest).toMatchObject({ role: 'worker', strategy: 'queue', skills: ['a', 'b'] });
    expect(manifest.session).toMatchObject({ model: 'opus', workingDirectory: '/tmp' });
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it('takes no skills for maestro-worker, and empty ones for none', async () => {
    const { run, output } = dataFolder(usual);
    await run(generate(output));
    expect(written(output).skills).toEqual(['maestro-worker']);
    await run(generate(output, '--skills', ''));
    expect(written(output).skills).toEqual([]);
  });

  it('passes over files that do not parse, and finds records in files of other names', async () => {
    const { run, output } = dataFolder({
      'projects/broken.json': '{',
      'projects/list.json': '[]',
      'projects/renamed.json': project,
      'tasks/proj_1/broken.json': 'no',
      'tasks/stray.json': task,
      'tasks/elsewhere/renamed.json': task,
    });
    const { exitCode } = await run(generate(output, '--task-ids', 'task_1'));
    expect(exitCode).toBe(0);
    expect(written(output).tasks).toHaveLength(1);
  });

  it.each<[what: string, files: Record<string, unknown>, message: RegExp]>([
    ['project', { 'tasks/proj_1/task_1.json': task }, /no project "proj_1" in .*data/],
    ['task', { 'projects/proj_1.json': project }, /no task "task_1" in .*data/],
    [
      'readable task',
      { 'projects/proj_1.json': project, 'tasks/proj_1/task_1.json': '{' },
      /no task "task_1"/,
    ],
    ['title', { ...usual, 'tasks/proj_1/task_1.json': { id: 'task_1' } }, /title is missing/],
  ])('exits with 1 and a sentence, and leaves no file, when there is no %s', async (_, files, message) => {
    const { run, output } = dataFolder(files);
    const told = await run(generate(output, '--task-ids', 'task_1'));
    expect(told.exitCode).toBe(1);
    expect(told.stderr).toMatch(message);
    expect(() => statSync(output)).toThrow(/ENOENT/);
  });

  it('is not led out of the folder by an id', async () => {
    const { run, output, folder } = dataFolder(usual);
    writeFileSync(join(folder, 'outside.json'), JSON.stringify({ ...task, id: '../../../outside' }));
    const told = await run(generate(output, '--task-ids', '../../../outside'));
    expect(told.exitCode).toBe(1);
  });

  it.each([
    ['--role', 'boss'],
    ['--strategy', 'none'],
    ['--more', 'x'],
  ])('refuses %s %s', async (...more) => {
    const { run, output } = dataFolder(usual);
    expect((await run(generate(output, ...more))).exitCode).toBe(1);
  });
});
