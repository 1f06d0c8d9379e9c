import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startServer } from '../support/server.ts';
import { cliIn, good, hanging, onlySession, startStage, withCli } from './spawning.ts';

const key = { 'Idempotency-Key': 'key-1' };

describe('a POST with an Idempotency-Key that is repeated', () => {
  it('gets the same answer, and does nothing the second time', async () => {
    const { api } = await startServer();
    const first = await api.post('/api/projects', { name: 'A' }, key);
    const { seq } = (await api.get('/health')).body;
    const again = await api.post('/api/projects', { name: 'A' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await api.get('/api/projects')).body).toHaveLength(1);
    expect((await api.get('/health')).body.seq).toBe(seq);
  });

  it('is known across a restart', async () => {
    const server = await startServer();
    const first = await server.api.post('/api/projects', { name: 'A' }, key);
    const { api } = await server.restart();
    expect((await api.post('/api/projects', { name: 'A' }, key)).body).toEqual(first.body);
    expect((await api.post('/api/projects', { name: 'B' }, key)).status).toBe(409);
  });
});

describe('a spawn that is repeated', () => {
  it('is one session, also when both wait for the same manifest', async () => {
    const stage = await startStage();
    const answers = await Promise.all([stage.spawn({}, key), stage.spawn({}, key)]);
    answers.push(await stage.spawn({}, key));
    const { id } = await onlySession(stage);
    for (const { status, body } of answers) expect([status, body.sessionId]).toEqual([201, id]);
  });

  it('says that its session is gone, when it was deleted meanwhile, and makes no other', async () => {
    const stage = await startStage();
    const { sessionId } = (await stage.spawn({}, key)).body;
    await stage.api.delete(`/api/sessions/${sessionId}`);
    const { status, body } = await stage.spawn({}, key);
    expect([status, body.code, body.details]).toEqual([404, 'SESSION_NOT_FOUND', { sessionId }]);
    expect((await stage.api.get('/api/sessions')).body).toEqual([]);
  });

  it('is tried again when its manifest failed: answers of 500 are not kept', async () => {
    const folder = temporaryFolder();
    const stage = await startStage(withCli(cliIn(folder, 'exit 1')), folder);
    expect((await stage.spawn({}, key)).status).toBe(500);
    cliIn(folder, good);
    expect((await stage.spawn({}, key)).status).toBe(201);
    expect((await onlySession(stage)).status).toBe('spawning');
  });

  it('after the server stopped meanwhile waits for the session that goes on, and makes no other', async () => {
    const folder = temporaryFolder();
    const stage = await startStage(withCli(cliIn(folder, hanging)), folder);
    const spawned = stage.spawn({}, key);
    await expect.poll(async () => (await stage.api.get('/api/sessions')).body.length).toBe(1);
    const { id } = await onlySession(stage);
    await expect.poll(() => existsSync(join(folder, 'sessions', id, 'pid'))).toBe(true);
    const restarted = stage.restart({ MANIFEST_GENERATOR: 'server' });
    expect((await spawned).status).toBe(503);
    const { api } = await restarted;
    const again = await api.post(
      '/api/sessions/spawn',
      { projectId: stage.projectId, taskIds: [stage.taskId] },
      key,
    );
    expect([again.status, again.body.sessionId]).toEqual([201, id]);
    expect((await onlySession({ api })).id).toBe(id);
  });
});
