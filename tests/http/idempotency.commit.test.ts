// The answer to a command that changed something is in the commit of the change: no crash can come between the two.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readJournal } from '../../src/storage/journal-reader.ts';
import { startServer } from '../support/server.ts';

/** The changes of each commit that keeps an answer, as `kind` of each changed record. */
const commitsWithAnswer = (folder: string): string[][] =>
  [...readJournal(join(folder, 'data', 'journal'), { commit: 0, filesThrough: 0 }).entries()]
    .map(({ changes }) => changes.map(({ kind }) => kind))
    .filter((kinds) => kinds.includes('answer'));

it('the answer to every kind of POST is kept in the commit of what it did', async () => {
  const { api, folder } = await startServer();
  let keys = 0;
  const post = async (path: string, body: object, status: number) => {
    keys += 1;
    const answer = await api.post(path, body, { 'Idempotency-Key': `key-${keys}` });
    expect([path, answer.status]).toEqual([path, status]);
    return answer.body;
  };
  const { id: projectId } = await post('/api/projects', { name: 'P' }, 201);
  const { id: first } = await post('/api/tasks', { projectId, title: 'T' }, 201);
  const { id: second } = await post('/api/tasks', { projectId, title: 'U' }, 201);
  const session = { projectId, taskIds: [first], strategy: 'queue', status: 'working' };
  const { id: sessionId } = await post('/api/sessions', session, 201);
  const queue = `/api/sessions/${sessionId}/queue`;
  await post(`${queue}/push`, { taskId: second }, 200);
  await post(`${queue}/start`, {}, 200);
  await post(`${queue}/complete`, {}, 200);
  await post(`${queue}/start`, {}, 200);
  await post(`${queue}/fail`, { reason: 'no' }, 200);
  await post('/api/sessions/spawn', { projectId, taskIds: [first] }, 201);
  await post('/api/templates', { name: 'N', role: 'worker', content: 'C' }, 201);
  const kept = commitsWithAnswer(folder);
  expect(kept).toHaveLength(keys);
  for (const kinds of kept) expect(kinds.filter((kind) => kind !== 'answer').length).toBeGreaterThan(0);
});
