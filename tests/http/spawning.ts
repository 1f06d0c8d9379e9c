// What the tests of spawning share: CLIs to run, the stage of a spawn, and looks into what it left behind.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startServer, type Environment, type TestServer } from '../support/server.ts';

/** A CLI as a shell script at `folder`; `$manifest` names the file that it is to write. */
export function cliIn(folder: string, body: string): string {
  const path = join(folder, 'cli');
  writeFileSync(path, `#!/bin/sh\nfor manifest do :; done\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Lines for such a CLI. */
export const good = `echo '{"manifestVersion":"1.0","role":"worker","tasks":[{"id":"t"}]}' > "$manifest"`;
export const hanging = 'echo $$ > pid.part; mv pid.part pid; exec sleep 60';

export interface Stage extends TestServer {
  projectId: string;
  taskId: string;
  spawn: (more?: object, headers?: Record<string, string>) => ReturnType<TestServer['api']['post']>;
}

/** A server with a project, a task, and what it takes to spawn for it. */
export async function startStage(environment: Environment = {}, folder?: string): Promise<Stage> {
  const server = await startServer(environment, folder);
  const projectId = await server.api.project('/the/project');
  const taskId = await server.api.task(projectId);
  const spawn = (more: object = {}, headers = {}) =>
    server.api.post('/api/sessions/spawn', { projectId, taskIds: [taskId], ...more }, headers);
  return { ...server, projectId, taskId, spawn };
}

export const withCli = (cli: string, more: Environment = {}): Environment => ({
  MANIFEST_GENERATOR: 'cli',
  MAESTRO_CLI_PATH: cli,
  ...more,
});

export const manifestOf = (path: string): any => JSON.parse(readFileSync(path, 'utf8'));

/** The only session that there is. */
export async function onlySession({ api }: Pick<TestServer, 'api'>): Promise<any> {
  const { body } = await api.get('/api/sessions');
  if (body.length !== 1) throw new Error(`there are ${body.length} sessions`);
  return body[0];
}

/** The process id of a hanging CLI; it is ended after the test, should it live on. */
export function pidOf(folder: string, sessionId: string): number {
  const pid = Number(readFileSync(join(folder, 'sessions', sessionId, 'pid'), 'utf8'));
  onTestFinished(() => {
    if (lives(pid)) process.kill(pid, 'SIGKILL');
  });
  return pid;
}

/** Whether a process is there; one that has ended but was not asked for its exit code is not. */
export function lives(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // ESRCH, ENOENT: there is no such process.
  }
}
