import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProcess, startServer } from '../support/server.ts';

function writeSkill(folder: string, id: string, manifest: object | string, instructions?: string): void {
  const place = join(folder, 'skills', id);
  mkdirSync(place, { recursive: true });
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  writeFileSync(join(place, 'manifest.json'), text);
  if (instructions !== undefined) writeFileSync(join(place, 'skill.md'), instructions);
}

const manifest = { name: 'Deploy', version: '1.0.0', description: 'How to deploy', type: 'role' };

describe('skills', () => {
  it('are an empty list when the folder is missing', async () => {
    const { api } = await startServer();
    expect(await api.get('/api/skills')).toMatchObject({ status: 200, body: [] });
  });

  it('are listed sorted, a broken one left out', async () => {
    const { api, folder } = await startServer();
    writeSkill(folder, 'zeta', manifest);
    writeSkill(folder, 'alpha', { ...manifest, type: undefined });
    writeSkill(folder, 'broken', '{');
    expect((await api.get('/api/skills')).body).toEqual([
      { id: 'alpha', name: 'Deploy', description: 'How to deploy', type: 'system', version: '1.0.0' },
      { id: 'zeta', name: 'Deploy', description: 'How to deploy', type: 'role', version: '1.0.0' },
    ]);
  });

  it('are shown with their instructions, and reloaded from disk', async () => {
    const { api, folder } = await startServer();
    writeSkill(folder, 'deploy', manifest);
    expect((await api.get('/api/skills/deploy')).body).toMatchObject({ id: 'deploy', instructions: '' });
    writeSkill(folder, 'deploy', manifest, '# Go');
    expect((await api.post('/api/skills/deploy/reload')).body).toMatchObject({
      id: 'deploy',
      instructions: '# Go',
      reloaded: true,
    });
  });

  it('are reloaded once for one Idempotency-Key', async () => {
    const { api, folder } = await startServer();
    writeSkill(folder, 'deploy', manifest, '# Then');
    const key = { 'Idempotency-Key': 'k' };
    const first = await api.post('/api/skills/deploy/reload', {}, key);
    writeSkill(folder, 'deploy', manifest, '# Now');
    expect((await api.post('/api/skills/deploy/reload', {}, key)).body).toEqual(first.body);
    expect((await api.post('/api/skills/deploy/reload', { other: 1 }, key)).status).toBe(409);
    expect((await api.post('/api/skills/deploy/reload')).body.instructions).toBe('# Now');
  });

  it('are not found by an unknown id, nor by one that leads elsewhere', async () => {
    const { api } = await startServer();
    for (const id of ['nothing', '..%2f..%2fetc', '.hidden'])
      expect((await api.get(`/api/skills/${id}`)).body, id).toMatchObject({
        code: 'NOT_FOUND',
        statusCode: 404,
      });
  });

  it('are not found by id when they cannot be read; the log says why', async () => {
    const { api, folder, output } = await startProcess();
    writeSkill(folder, 'broken', '{');
    const refused = { status: 404, body: { code: 'NOT_FOUND', statusCode: 404 } };
    expect(await api.get('/api/skills/broken')).toMatchObject(refused);
    expect(await api.post('/api/skills/broken/reload')).toMatchObject(refused);
    expect(output()).toContain('Skill broken cannot be loaded: its manifest.json is not JSON');
  });

  it('are chosen for a role: the CLI skill, the role skill, and those assigned to it or to all', async () => {
    const { api, folder } = await startServer();
    for (const id of ['maestro-cli', 'maestro-worker', 'maestro-orchestrator'])
      writeSkill(folder, id, manifest);
    writeSkill(folder, 'for-all', { ...manifest, assignTo: ['all'] });
    writeSkill(folder, 'for-others', { ...manifest, assignTo: ['orchestrator'] });
    const ids = (await api.get('/api/skills/role/worker')).body.map(({ id }: any) => id);
    expect(ids).toEqual(['maestro-cli', 'maestro-worker', 'for-all']);
  });
});
