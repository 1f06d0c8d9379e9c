// What goes wrong inside; and /health.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startServer } from '../support/server.ts';
import { raw } from '../support/raw.ts';
import { startStage } from './spawning.ts';

describe('a path', () => {
  it.each([
    ['GET', '/api'],
    ['GET', '/api/nothing'],
    ['POST', '/health'],
    ['PUT', '/api/tasks'],
    ['DELETE', '/api/sessions'],
    ['GET', '/api/tasks/../../etc/passwd'],
    ['GET', '//evil.example/api/projects'],
  ])('that is not known is 404 NOT_FOUND (%s %s)', async (method, path) => {
    const { api } = await startServer();
    const { status, body } = await raw(api.url, path, { method });
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: true, code: 'NOT_FOUND', statusCode: 404 });
  });
});

describe('a fault inside', () => {
  it('is an INTERNAL_ERROR with an id for the log, and shows neither stack nor path', async () => {
    const folder = temporaryFolder();
    const logFile = join(folder, 'log');
    const { api, spawn } = await startStage({ LOG_FILE: logFile }, folder);
    const { sessionId, manifestPath } = (await spawn()).body;
    rmSync(manifestPath);
    const { status, headers, body } = await api.post(`/api/sessions/${sessionId}/claim`, { host: 'a' });
    expect([status, body.code, body.statusCode]).toEqual([500, 'INTERNAL_ERROR', 500]);
    const id = headers.get('x-request-id');
    expect(id).toMatch(/\w/);
    const log = readFileSync(logFile, 'utf8');
    for (const part of [id, manifestPath, 'there is no manifest', ' at ']) expect(log).toContain(part);
    expect(body.details).toEqual({ requestId: id });
    expect(JSON.stringify(body)).not.toContain(folder);
    // Nothing was taken: another host is not told that the spawn is claimed.
    expect((await api.post(`/api/sessions/${sessionId}/claim`, { host: 'b' })).status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/ENOENT|at .*\.ts/);
  });
});

describe('health', () => {
  it('says that the server is there, since when, and how much it holds', async () => {
    const { api } = await startServer();
    await api.session(await api.project());
    const { status, body } = await api.get('/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'ok',
      timestamp: expect.any(Number),
      uptime: expect.any(Number),
      storage: { state: 'ok' },
      counts: { projects: 1, tasks: 0, sessions: 1 },
    });
    expect(body.uptime).toBeLessThan(60);
  });
});
