// What servers of this kind are known to get wrong and no other test names by its symptom; the whole list, with the test
// for each, is in docs/security.md.
import { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { Api } from '../support/api.ts';
import { startProcess, startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

it('several writes to one record at once do not tear its file', async () => {
  const { api, folder } = await startProcess();
  const projectId = await api.project();
  const taskId = await api.task(projectId);
  const path = join(folder, 'data/tasks', projectId, `${taskId}.json`);
  await expect.poll(() => readFileSync(path, 'utf8')).toContain(taskId);
  const over = new AbortController();
  const reading = (async () => {
    for (let reads = 0; ; reads += 1) {
      JSON.parse(readFileSync(path, 'utf8'));
      if (over.signal.aborted) return reads;
      await new Promise(setImmediate);
    }
  })();
  // A file follows all the changes of a moment at once: several such moments.
  for (let round = 1; round <= 5; round += 1) {
    const lengths = Array.from({ length: 40 }, (_, index) => (index * round * 7919) % 20_000);
    await Promise.all(
      lengths.map((length) => api.patch(`/api/tasks/${taskId}`, { description: 'x'.repeat(length) })),
    );
    const { description } = (await api.get(`/api/tasks/${taskId}`)).body;
    await expect.poll(() => JSON.parse(readFileSync(path, 'utf8')).description).toBe(description);
  }
  over.abort();
  expect(await reading).toBeGreaterThan(10);
});

it('a fact carries the state of its own request, not of a later one', async () => {
  const { api } = await startServer();
  const projectId = await api.project();
  const taskId = await api.task(projectId);
  const sessionId = await api.session(projectId, [taskId]);
  const watch = await Watch.open(api.url);
  const titles = Array.from({ length: 40 }, (_, index) => `T${index}`);
  const answers = await Promise.all(
    titles.flatMap((title) => [
      api.patch(`/api/tasks/${taskId}`, { title }),
      api.post(`/api/sessions/${sessionId}/timeline`, { message: title }),
    ]),
  );
  expect(answers.every(({ status }) => status < 300)).toBe(true);
  await watch.until(({ types }) => types.filter((type) => type === 'session:updated').length === 40);
  const told = watch.heard.filter(({ type }) => type === 'task:updated').map(({ data }) => data.title);
  expect(told).toEqual(titles);
  const stories = watch.heard
    .filter(({ type }) => type === 'session:updated')
    .map(({ data }): number => data.timeline.length);
  expect(stories).toEqual(stories.map((_, index) => (stories[0] ?? 0) + index));
});

it('a broadcast is serialised once for all watchers, and after the caller was answered', async () => {
  const { api } = await startServer();
  const projectId = await api.project();
  const taskId = await api.task(projectId);
  const stringify = vi.spyOn(JSON, 'stringify');
  const answering = vi.spyOn(ServerResponse.prototype, 'end');
  /** When the task was made JSON, for the answer or for a fact; the journal gets it as part of a change. */
  const serialised = (): (number | undefined)[] =>
    stringify.mock.calls.flatMap(([value], call) =>
      value?.id === taskId && 'title' in value ? [stringify.mock.invocationCallOrder[call]] : [],
    );
  for (const watchers of [1, 30]) {
    const watching = await Promise.all(Array.from({ length: watchers }, () => Watch.open(api.url)));
    stringify.mockClear();
    answering.mockClear();
    await api.patch(`/api/tasks/${taskId}`, { title: `for ${watchers}` });
    for (const watch of watching) await watch.fact('task:updated');
    const answered = answering.mock.invocationCallOrder[0] ?? 0;
    const [forAnswer = 0, forFact = 0, ...more] = serialised();
    expect([forAnswer < answered, answered < forFact, more]).toEqual([true, true, []]);
    for (const { socket } of watching) socket.terminate();
  }
});

const others = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ internal, family }) => !internal && family === 'IPv4')
  .map(({ address }) => address);

it.runIf(others.length > 0)(
  'HOST is not ignored: without it no other address of the machine is served',
  async () => {
    const [other = ''] = others;
    const { api } = await startServer();
    const port = Number(new URL(api.url).port);
    const refused = connect(port, other);
    expect(await once(refused, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);

    const open = await startServer({ HOST: other, MAESTRO_TOKEN: 'secret', SERVER_URL: `http://${other}` });
    const there = new Api(open.api.url.replace('127.0.0.1', other), 'secret');
    expect((await there.get('/health')).status).toBe(200);
  },
);
