import { existsSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest } from '../../src/manifest/schema.ts';
import { createServerGenerator } from '../../src/manifest/server-generator.ts';
import { neverAborted, order, temporaryFolder } from './orders.ts';

test('leaves a manifest that the strictest reader takes, and nothing beside it', async () => {
  const folder = await temporaryFolder();
  const wanted = order(folder, 'sess_1', { strategy: 'tree', skills: ['', 'pruning'] });
  await createServerGenerator().generate(wanted, neverAborted());

  expect(parseManifest(JSON.parse(await readFile(wanted.path, 'utf8')))).toMatchObject({
    strategy: 'simple',
    tasks: [{ id: 'task_1' }, { id: 'task_2' }],
    session: { model: 'opus', workingDirectory: '/srv/orchard' },
    skills: ['pruning'],
    context: { custom: { project: { id: 'proj_1', name: 'Orchard' }, ticket: 'ORC-7' } },
    templateId: 'tmpl_1',
  });
  expect(await readdir(join(folder, 'sess_1'))).toEqual(['manifest.json']);
  expect((await stat(wanted.path)).mode & 0o777).toBe(0o600);
});

test('replaces the manifest of an earlier run', async () => {
  const folder = await temporaryFolder();
  const wanted = order(folder);
  await createServerGenerator().generate(wanted, neverAborted());
  await createServerGenerator().generate({ ...wanted, model: 'haiku' }, neverAborted());
  expect(parseManifest(JSON.parse(await readFile(wanted.path, 'utf8'))).session.model).toBe('haiku');
});

test('does nothing when it was aborted before', async () => {
  const folder = await temporaryFolder();
  const reason = new Error('too late');
  const made = createServerGenerator().generate(order(folder), AbortSignal.abort(reason));
  await expect(made).rejects.toBe(reason);
  expect(existsSync(join(folder, 'sess_1'))).toBe(false);
});

test('refuses as a failed manifest when the file cannot be written', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'sess_1'), 'a file stands in the way');
  await expect(createServerGenerator().generate(order(folder), neverAborted())).rejects.toMatchObject({
    code: 'MANIFEST_GENERATION_ERROR',
  });
});
