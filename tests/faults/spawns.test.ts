// More spawns than the machine can make manifests for, and a kill in the middle of them.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cliIn, good, withCli } from '../http/spawning.ts';
import type { Answer } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startProcess } from '../support/server.ts';

const ASKED = 1_200;
const BOUND = 1_000;

it('thousands of queued spawns: as many wait as the bound says, others are served, and a kill loses none', async () => {
  const folder = temporaryFolder();
  const gate = join(folder, 'gate');
  // Not for ever: nobody ends them when the server is killed.
  const waiting = `for i in $(seq 240); do [ -e '${gate}' ] && break; sleep 0.5; done`;
  const cli = cliIn(folder, `${waiting}\n${good}`);
  const server = await startProcess(withCli(cli), folder);
  const { api } = server;
  const projectId = await api.project();
  const taskId = await api.task(projectId);

  const answers: Answer[] = [];
  const settled: unknown[] = [];
  const asked = Array.from({ length: ASKED }, (_, index) =>
    api
      .post('/api/sessions/spawn', { projectId, taskIds: [taskId], sessionName: `S${index}` })
      .then((answer) => answers.push(answer))
      .catch((lost: unknown) => settled.push(lost)),
  );
  // What is over the bound is told at once; what is not waits.
  await expect.poll(() => answers.length, { timeout: 20_000 }).toBe(ASKED - BOUND);
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
    new Set(['503 OVERLOADED']),
  );
  expect((await api.get('/api/sessions')).body).toHaveLength(BOUND);
  expect((await api.post('/api/tasks', { projectId, title: 'another' })).status).toBe(201);

  writeFileSync(gate, '');
  await expect.poll(() => answers.length, { timeout: 40_000 }).toBeGreaterThan(ASKED - BOUND + 5);
  await server.kill();
  await Promise.all(asked);
  const announced = answers.filter(({ status }) => status === 201).map(({ body }) => body.sessionId);
  expect(announced.length + settled.length).toBe(BOUND);

  // What is left is made in the process, which is quicker.
  const again = await startProcess({ MANIFEST_GENERATOR: 'server' }, folder);
  const unfinished = async () => {
    const { body } = await again.api.get('/api/sessions?status=spawning');
    return body.filter(({ manifestPath }: { manifestPath?: string }) => !manifestPath).length;
  };
  await expect.poll(unfinished, { timeout: 40_000, interval: 500 }).toBe(0);
  const sessions = (await again.api.get('/api/sessions?status=spawning')).body;
  expect(sessions).toHaveLength(BOUND);
  for (const id of announced) expect(sessions.map((session: { id: string }) => session.id)).toContain(id);
  const folders = readdirSync(join(folder, 'sessions'));
  expect(folders.filter((id) => existsSync(join(folder, 'sessions', id, 'manifest.json')))).toHaveLength(
    BOUND,
  );
}, 120_000);
