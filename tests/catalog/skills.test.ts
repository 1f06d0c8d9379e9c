import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { MaestroError } from '../../src/domain/errors.ts';
import { createSkills as skillsIn } from '../../src/catalog/skills.ts';

const createSkills = ({ folder }: { folder: string }) => skillsIn({ folder, onFault: () => undefined });

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-skills-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function put(folder: string, id: string, manifest: unknown, instructions?: string): Promise<void> {
  await mkdir(join(folder, id), { recursive: true });
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  await writeFile(join(folder, id, 'manifest.json'), text);
  if (instructions !== undefined) await writeFile(join(folder, id, 'skill.md'), instructions);
}

const skill = (name: string, fields: object = {}) => ({
  name,
  version: '1.0.0',
  description: `About ${name}`,
  ...fields,
});

test('lists what each skill says of itself, sorted by id', async () => {
  const folder = await emptyFolder();
  await put(folder, 'b', skill('Second', { type: 'custom', assignTo: ['worker'], somethingNew: 1 }));
  await put(folder, 'a', skill('First'));
  expect(await createSkills({ folder }).list()).toEqual([
    { id: 'a', name: 'First', description: 'About First', type: 'system', version: '1.0.0' },
    { id: 'b', name: 'Second', description: 'About Second', type: 'custom', version: '1.0.0' },
  ]);
});

test('lists nothing when the folder is missing, or is none', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'file'), '');
  expect(await createSkills({ folder: join(folder, 'missing') }).list()).toEqual([]);
  expect(await createSkills({ folder: join(folder, 'file') }).list()).toEqual([]);
  expect(await createSkills({ folder: join(folder, 'missing') }).forRole('worker')).toEqual([]);
});

const broken: [string, unknown, RegExp][] = [
  ['is not JSON', '{"name":', /manifest\.json is not JSON/],
  ['lacks its version', { name: 'x', description: '' }, /version: /],
  ['is of a type that is none', skill('x', { type: 'magic' }), /type: /],
  ['is too large', ' '.repeat(1024 * 1024 + 1), /larger than 1 MiB/],
];

test.each(broken)(
  'does not hide the others behind a manifest that %s, and tells what is wrong with it',
  async (_name, manifest, message) => {
    const folder = await emptyFolder();
    await put(folder, 'a', skill('First'));
    await put(folder, 'bad', manifest);
    await put(folder, 'c', skill('Third'));
    const faults: MaestroError[] = [];
    const skills = skillsIn({ folder, onFault: (fault) => faults.push(fault) });
    expect((await skills.list()).map(({ id }) => id)).toEqual(['a', 'c']);
    await expect(skills.get('bad')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.not.stringMatching(message) as string,
    });
    expect(faults).toMatchObject([
      { code: 'SKILL_LOAD_ERROR', message: expect.stringMatching(message) as string },
    ]);
  },
);

test('reads a manifest and instructions that begin with a byte order mark', async () => {
  const folder = await emptyFolder();
  await put(folder, 'a', `\uFEFF${JSON.stringify(skill('First'))}`, '\uFEFF# Do this');
  expect(await createSkills({ folder }).get('a')).toMatchObject({ name: 'First', instructions: '# Do this' });
});

test.each(['skill.md', 'manifest.json'])(
  'does not follow a %s that is a link out of its folder',
  async (file) => {
    const folder = await emptyFolder();
    await put(folder, 'a', skill('First'));
    await put(folder, 'other', skill('Other'), 'secret');
    await rm(join(folder, 'a', file), { force: true });
    await symlink(join('..', 'other', file), join(folder, 'a', file));
    await expect(createSkills({ folder }).get('a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  },
);

test.each(['skill.md', 'manifest.json'])('loads no skill whose %s is a device or a pipe', async (file) => {
  const folder = await emptyFolder();
  await put(folder, 'a', skill('First'));
  await put(folder, 'b', skill('Second'));
  for (const id of ['a', 'b']) await rm(join(folder, id, file), { force: true });
  await symlink('/dev/zero', join(folder, 'a', file));
  execFileSync('mkfifo', [join(folder, 'b', file)]);
  const skills = createSkills({ folder });
  for (const id of ['a', 'b']) await expect(skills.get(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('passes over stray files, hidden folders and folders without a manifest', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'README.md'), '');
  await mkdir(join(folder, 'empty'));
  await mkdir(join(folder, 'odd', 'manifest.json'), { recursive: true });
  await put(folder, '.hidden', skill('Hidden'));
  expect(await createSkills({ folder }).list()).toEqual([]);
});

test('follows a link to a skill that is kept elsewhere', async () => {
  const [folder, elsewhere] = [await emptyFolder(), await emptyFolder()];
  await put(elsewhere, 'kept', skill('Kept'));
  await symlink(join(elsewhere, 'kept'), join(folder, 'linked'));
  expect(await createSkills({ folder }).list()).toMatchObject([{ id: 'linked', name: 'Kept' }]);
});

test('gives the instructions, and none when there is no skill.md', async () => {
  const folder = await emptyFolder();
  await put(folder, 'a', skill('First'), '# Do this');
  await put(folder, 'b', skill('Second'));
  const skills = createSkills({ folder });
  expect(await skills.get('a')).toEqual({
    id: 'a',
    name: 'First',
    description: 'About First',
    type: 'system',
    version: '1.0.0',
    instructions: '# Do this',
  });
  expect((await skills.get('b')).instructions).toBe('');
});

test('sees at once what was edited', async () => {
  const folder = await emptyFolder();
  const skills = createSkills({ folder });
  await put(folder, 'a', skill('First'), 'old');
  await skills.get('a');
  await put(folder, 'a', skill('Renamed'), 'new');
  expect(await skills.get('a')).toMatchObject({ name: 'Renamed', instructions: 'new' });
});

test('finds no skill under a name that is none or leads out of the folder', async () => {
  const folder = await emptyFolder();
  await put(folder, 'secret', skill('Secret'));
  await mkdir(join(folder, 'inner'));
  const skills = createSkills({ folder: join(folder, 'inner') });
  for (const id of [
    'missing',
    '',
    '.',
    '..',
    '../secret',
    '..%2fsecret',
    'a/b',
    'a\\b',
    'a\u0000',
    'x'.repeat(500),
  ]) {
    await expect(skills.get(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test('gives a role its own skills first, then those assigned to it or to all, each once', async () => {
  const folder = await emptyFolder();
  await put(folder, 'maestro-cli', skill('CLI', { assignTo: ['all'] }));
  await put(folder, 'maestro-worker', skill('Worker'));
  await put(folder, 'maestro-orchestrator', skill('Orchestrator', { assignTo: ['orchestrator'] }));
  await put(folder, 'a', skill('For all', { assignTo: ['all'] }));
  await put(folder, 'b', skill('For workers', { assignTo: ['worker'] }));
  await put(folder, 'c', skill('For nobody'));
  const skills = createSkills({ folder });
  const ids = async (role: 'worker' | 'orchestrator') => (await skills.forRole(role)).map(({ id }) => id);
  expect(await ids('worker')).toEqual(['maestro-cli', 'maestro-worker', 'a', 'b']);
  expect(await ids('orchestrator')).toEqual(['maestro-cli', 'maestro-orchestrator', 'a']);
});

test('reads the skills that the package ships', async () => {
  const skills = createSkills({ folder: fileURLToPath(new URL('../../assets/skills/', import.meta.url)) });
  expect((await skills.list()).map(({ id }) => id)).toEqual([
    'maestro-cli',
    'maestro-orchestrator',
    'maestro-worker',
  ]);
  for (const { id } of await skills.list()) {
    expect((await skills.get(id)).instructions).toContain('maestro whoami');
  }
});
