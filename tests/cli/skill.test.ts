import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from './command.ts';

/** Commands with a SKILLS_DIR of their own, and nobody to call. */
function begun() {
  const maestro = commands({ MAESTRO_API_URL: 'http://127.0.0.1:59999', SKILLS_DIR: '~/skills' });
  const write = (parent: string, name: string, files: Record<string, string>) => {
    const folder = join(maestro.folder, parent, name);
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  };
  return { ...maestro, write };
}

const manifest = (name: string): string => JSON.stringify({ name, version: '2.0.0', description: 'own' });
const shipped = ['maestro-cli', 'maestro-orchestrator', 'maestro-worker'];

describe('maestro skill', () => {
  it('lists what is in SKILLS_DIR before ~/.skills before what is shipped', async () => {
    const { data, write, folder } = begun();
    write('skills', 'maestro-cli', { 'manifest.json': manifest('maestro-cli'), 'skill.md': 'own' });
    write('.skills', 'plain', { 'skill.md': 'just words' });
    const listed = await data(['skill', 'list']);
    expect(listed.map(({ name }: any) => name)).toEqual([...shipped, 'plain']);
    expect(listed[0]).toMatchObject({ version: '2.0.0', folder: join(folder, 'skills', 'maestro-cli') });
    expect(listed[3]).toMatchObject({ version: null, valid: true });
  });

  it('shows one with its instructions, and exits with 2 for one that is not there', async () => {
    const { run } = begun();
    expect((await run(['skill', 'info', 'maestro-worker'])).stdout).toMatch(/^name +maestro-worker\n/);
    for (const name of ['no-such', '../skills'])
      expect((await run(['skill', 'info', name, '--json'])).json).toMatchObject({ error: 'SKILL_NOT_FOUND' });
    expect((await run(['skill', 'info', 'no-such'])).exitCode).toBe(2);
  });

  it('says of each skill what is wrong with it', async () => {
    const { run, write } = begun();
    expect((await run(['skill', 'validate'])).exitCode).toBe(0);
    write('skills', 'bad', { 'manifest.json': '{"name": "bad", "version": 1}', 'skill.md': 'x' });
    write('skills', 'worse', { 'manifest.json': 'no', 'skill.md': 'x' });
    write('skills', 'empty', {});
    const { exitCode, json } = await run(['skill', 'validate', '--json']);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({
      error: 'SKILL_NOT_VALID',
      details: {
        bad: expect.stringMatching(/manifest\.json: version: .*description: /),
        worse: 'manifest.json is no JSON object',
        empty: 'manifest.json is missing',
      },
    });
  });

  it('says so where a file of a skill is a link out of its folder, and reads past a byte order mark', async () => {
    const { run, data, write, folder } = begun();
    write('skills', 'bom', { 'manifest.json': `\uFEFF${manifest('bom')}`, 'skill.md': 'x' });
    expect((await data(['skill', 'info', 'bom'])).valid).toBe(true);
    write('skills', 'curious', { 'manifest.json': manifest('curious') });
    write('.', 'keys', { private: 'secret' });
    symlinkSync(join(folder, 'keys', 'private'), join(folder, 'skills', 'curious', 'skill.md'));
    const { exitCode, json, stdout } = await run(['skill', 'validate', '--json']);
    expect(exitCode).toBe(1);
    expect(json.details).toEqual({ curious: 'skill.md is a link to a file outside of its folder' });
    expect(stdout + (await run(['skill', 'info', 'curious'])).stdout).not.toContain('secret');
  });

  it('installs what is shipped, and keeps what was changed unless it is forced', async () => {
    const { data, run, folder } = begun();
    const outcomes = async (...args: string[]) =>
      (await data(['skill', 'install', ...args])).skills.map(({ outcome }: any) => outcome);
    expect(await outcomes()).toEqual(['installed', 'installed', 'installed']);
    const changed = join(folder, 'skills', 'maestro-cli', 'skill.md');
    const text = readFileSync(changed, 'utf8');
    writeFileSync(changed, 'changed');
    rmSync(join(folder, 'skills', 'maestro-worker', 'skill.md'));
    expect((await run(['skill', 'install'])).stdout.split('\n')).toEqual([
      'maestro-cli differs from the shipped one and is kept; --force overwrites it.',
      'maestro-orchestrator is there already.',
      `maestro-worker is installed in ${join(folder, 'skills', 'maestro-worker')}.`,
    ]);
    expect(readFileSync(changed, 'utf8')).toBe('changed');
    expect(await outcomes('--force')).toEqual(['overwritten', 'unchanged', 'unchanged']);
    expect(readFileSync(changed, 'utf8')).toBe(text);
  });
});
