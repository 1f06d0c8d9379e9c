// A server whose files were edited, damaged or written by another version: nothing is lost, and what cannot be read is told.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';

const edit = (path: string, change: (text: string) => string): string => {
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, change(before));
  return before;
};

/** A queue session with two tasks, stopped. */
async function stopped() {
  const server = await startServer();
  const { api } = server;
  const projectId = await api.project();
  const taskIds = [await api.task(projectId, { title: 'one' }), await api.task(projectId, { title: 'two' })];
  const { body } = await api.post('/api/sessions', { projectId, taskIds, strategy: 'queue' });
  await server.maestro.close();
  const data = join(server.folder, 'data');
  const taskFile = (id: string): string => join(data, 'tasks', projectId, `${id}.json`);
  return { server, data, projectId, taskIds, taskFile, sessionId: (body as { id: string }).id };
}

/** Past the check against the documents, which know the words of this version only. */
async function plain(server: TestServer, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(server.api.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return response.json();
}

const setAsideOf = async (server: TestServer): Promise<{ count: number; records: { path: string }[] }> => {
  const { body } = await server.api.get('/health');
  return (body as { storage: { setAside: { count: number; records: { path: string }[] } } }).storage.setAside;
};

it('a task whose file cannot be read stays in its session and queue, and is there again when it is put back', async () => {
  const { server, data, taskIds, taskFile, sessionId } = await stopped();
  const [odd = '', plain = ''] = taskIds;
  const text = edit(taskFile(odd), (before) => before.slice(0, -10));
  const again = await server.restart();
  const session = await again.api.get(`/api/sessions/${sessionId}`);
  expect(session.body).toMatchObject({ taskIds: [odd, plain] });
  expect((await again.api.get(`/api/tasks/${odd}`)).status).toBe(404);
  expect(await setAsideOf(again)).toMatchObject({
    count: 1,
    records: [{ path: join(data, 'quarantine', `tasks__${taskFileName(taskFile(odd))}`) }],
  });
  // A change that names the task that is there leaves the other one where it is.
  expect(
    (await again.api.patch(`/api/sessions/${sessionId}`, { taskIds: [odd, plain], name: 'N' })).status,
  ).toBe(200);

  await again.maestro.close();
  rmSync(join(data, 'quarantine'), { recursive: true });
  writeFileSync(taskFile(odd), text);
  const last = await again.restart();
  expect((await last.api.get(`/api/tasks/${odd}`)).body).toMatchObject({
    title: 'one',
    sessionIds: [sessionId],
  });
  expect((await last.api.get(`/api/sessions/${sessionId}`)).body).toMatchObject({ taskIds: [odd, plain] });
  expect((await last.api.get(`/api/sessions/${sessionId}/queue`)).body).toMatchObject({
    stats: { queued: 2 },
  });
  expect((await setAsideOf(last)).count).toBe(0);
});

const taskFileName = (path: string): string => path.split('/').slice(-2).join('__');

it('a session whose file cannot be read stays in its tasks', async () => {
  const { server, data, taskIds, sessionId } = await stopped();
  const path = join(data, 'sessions', `${sessionId}.json`);
  const text = edit(path, () => '{');
  const again = await server.restart();
  expect((await again.api.get(`/api/tasks/${taskIds[0]}`)).body).toMatchObject({ sessionIds: [sessionId] });
  await again.maestro.close();
  renameSync(join(data, 'quarantine', `sessions__${sessionId}.json`), path);
  writeFileSync(path, text);
  const last = await again.restart();
  expect((await last.api.get(`/api/sessions/${sessionId}`)).body).toMatchObject({ taskIds });
  expect((await last.api.get(`/api/tasks/${taskIds[1]}`)).body).toMatchObject({ sessionIds: [sessionId] });
});

it('words of a newer version are shown as they are, and a change of another field leaves them in the file', async () => {
  const { server, taskIds, taskFile } = await stopped();
  const [id = ''] = taskIds;
  edit(taskFile(id), (text) => {
    const file = JSON.parse(text) as object;
    return `\uFEFF${JSON.stringify({ ...file, status: 'in_review', priority: 'urgent', model: 'mythos', dueDate: 5 })}`;
  });
  const again = await server.restart();
  const theirs = { status: 'in_review', priority: 'urgent', model: 'mythos', dueDate: 5 };
  expect(await plain(again, 'GET', `/api/tasks/${id}`)).toMatchObject(theirs);
  expect(await plain(again, 'PATCH', `/api/tasks/${id}`, { title: 'new' })).toMatchObject({ title: 'new' });
  await again.maestro.close();
  expect(JSON.parse(readFileSync(taskFile(id), 'utf8'))).toMatchObject({ ...theirs, title: 'new' });
});

it('a session in a state of a newer version is alive, shown as it is, and moves on', async () => {
  const { server, data, sessionId } = await stopped();
  const path = join(data, 'sessions', `${sessionId}.json`);
  edit(path, (text) => JSON.stringify({ ...(JSON.parse(text) as object), status: 'hibernating' }));
  const again = await server.restart();
  const read = await plain(again, 'GET', `/api/sessions/${sessionId}`);
  expect(read).toMatchObject({ status: 'hibernating' });
  const moved = await again.api.patch(`/api/sessions/${sessionId}`, { status: 'working' });
  expect(moved.body).toMatchObject({ status: 'working' });
});

it('one file that cannot be written is reported, and everything else goes on', async () => {
  const server = await startServer();
  const projectId = await server.api.project();
  mkdirSync(join(server.folder, 'data/tasks', projectId), { recursive: true });
  const { body } = await server.api.post('/api/sessions', { id: 'sess_blocked', projectId, taskIds: [] });
  const blocked = join(server.folder, 'data/sessions/sess_blocked.json');
  rmSync(blocked, { force: true });
  mkdirSync(join(blocked, 'in the way'), { recursive: true });
  await server.api.patch(`/api/sessions/${(body as { id: string }).id}`, { name: 'again' });
  const health = async () => (await server.api.get('/health')).body as { status: string; storage: object };
  await expect.poll(health, { timeout: 20_000 }).toMatchObject({
    status: 'degraded',
    storage: { state: 'ok', unwritten: { count: 1, records: [{ path: blocked }] } },
  });
  expect((await server.api.post('/api/tasks', { projectId, title: 'goes on' })).status).toBe(201);
  rmSync(blocked, { recursive: true });
  await expect.poll(health, { timeout: 20_000 }).toMatchObject({
    status: 'ok',
    storage: { unwritten: { count: 0 } },
  });
  expect(JSON.parse(readFileSync(blocked, 'utf8'))).toMatchObject({ name: 'again' });
});
