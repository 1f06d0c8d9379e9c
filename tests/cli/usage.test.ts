import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { commands } from './command.ts';

/** A port of the loopback on which nobody listens. */
const nowhere = { MAESTRO_API_URL: 'http://127.0.0.1:59999', MAESTRO_RETRIES: '0' };

describe('a command without a server', () => {
  it('exits with 3, and says where it looked and what to do', async () => {
    const { exitCode, stdout, stderr } = await commands(nowhere).run(['project', 'list']);
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/no connection to the server at http:\/\/127\.0\.0\.1:59999 \(ECONNREFUSED\)/);
    expect(stderr).toMatch(/maestro serve/);
  });

  it('prints one object with --json, wherever that stands', async () => {
    const { run } = commands(nowhere);
    for (const args of [
      ['--json', 'project', 'list'],
      ['project', 'list', '--json'],
      ['project', '--json', 'list'],
    ]) {
      const { exitCode, json, stderr } = await run(args);
      expect(exitCode).toBe(3);
      expect(json).toEqual({
        success: false,
        error: 'NO_CONNECTION',
        message: expect.stringContaining('no connection'),
        details: null,
        suggestion: expect.stringContaining('maestro serve'),
      });
      expect(stderr).toBe('');
    }
  });

  it('tries as often as MAESTRO_RETRIES says, after MAESTRO_RETRY_DELAY doubled each time', async () => {
    const more = { MAESTRO_RETRIES: '2', MAESTRO_RETRY_DELAY: '100', MAESTRO_DEBUG: '1' };
    const before = Date.now();
    const { exitCode, stderr } = await commands(nowhere).run(['project', 'list'], more);
    expect(exitCode).toBe(3);
    expect(Date.now() - before).toBeGreaterThanOrEqual(300);
    const pauses = [...stderr.matchAll(/no answer from \S+:59999, trying again in (\S+ s \(\d of 2\))/g)];
    expect(pauses.map(([, pause]) => pause)).toEqual(['0.1 s (1 of 2)', '0.2 s (2 of 2)']);
  });

  it('tells a log once that it tries again, and programs not at all', async () => {
    const { run } = commands({ ...nowhere, MAESTRO_RETRIES: '2', MAESTRO_RETRY_DELAY: '1' });
    const { stderr } = await run(['project', 'list']);
    expect(stderr.match(/trying again/g)).toHaveLength(1);
    expect((await run(['project', 'list', '--json'])).stderr).toBe('');
  });

  it.each([
    ['session', 'register'],
    ['session', 'complete'],
    ['track-file', 'a.ts'],
  ])('does not fail as a hook: %s %s', async (...args) => {
    const { run } = commands({ ...nowhere, MAESTRO_SESSION_ID: 'sess_1', MAESTRO_RETRIES: '3' });
    const before = Date.now();
    const told = await run(args);
    expect(told).toMatchObject({ exitCode: 0, stdout: '' });
    expect(told.stderr).toMatch(/was not told/);
    expect((await run([...args, '--json'])).json).toMatchObject({
      success: true,
      data: { delivered: false },
    });
    expect(Date.now() - before, 'no second attempt').toBeLessThan(5_000);
  });

  it.each([
    ['session', 'register'],
    ['session', 'complete'],
    ['track-file', 'a.ts'],
  ])('fails as a hook without a session id: %s %s', async (...args) => {
    const { exitCode, json } = await commands(nowhere).run([...args, '--json']);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ success: false, error: 'USAGE_ERROR' });
  });
});

describe('a command that cannot be understood', () => {
  it.each<[args: string[], message: RegExp, suggestion: RegExp]>([
    [['tsk'], /unknown command 'tsk'/, /Did you mean task/],
    [['task', 'lst'], /unknown command 'lst'/, /Did you mean list/],
    [['task', 'list', '--statsu', 'x'], /unknown option '--statsu'/, /Did you mean --status/],
    [['task', 'update'], /missing required argument 'id'/, /--help/],
    [['task'], /a subcommand is missing/, /--help/],
    [['task', 'block', 'x'], /required option '--reason <text>' not specified/, /--help/],
    [
      ['session', 'spawn', '--task', 'x', '--role', 'boss'],
      /Allowed choices are worker, orchestrator/,
      /--help/,
    ],
    [['report', 'progress', '- a list'], /unknown option/, /Put -- before/],
    [['queue', 'start', '--poll-interval', 'x'], /must be a number/, /--help/],
  ])('says why for %j', async (args, message, suggestion) => {
    const { run } = commands(nowhere);
    const asJson = await run([...args, '--json']);
    expect(asJson).toMatchObject({ exitCode: 1, stderr: '' });
    expect(asJson.json).toMatchObject({ success: false, error: 'USAGE_ERROR' });
    expect(asJson.json.message).toMatch(message);
    expect(asJson.json.suggestion).toMatch(suggestion);
    expect((await run(args)).exitCode).toBe(1);
  });

  it('says in words what it says in JSON', async () => {
    const { stdout, stderr } = await commands(nowhere).run(['tsk']);
    expect(stdout).toBe('');
    expect(stderr).toBe("error: unknown command 'tsk'\nDid you mean task?");
  });
});

describe('help', () => {
  it('shows every group', async () => {
    const { exitCode, stdout } = await commands().run(['--help']);
    expect(exitCode).toBe(0);
    for (const name of [
      'serve',
      'host',
      'project',
      'task',
      'session',
      'queue',
      'report',
      'whoami',
      'update:complete',
    ])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it('shows what is below a group, in both ways to ask', async () => {
    const { run } = commands();
    const { stdout } = await run(['task', '--help']);
    expect(stdout).toMatch(/children \[options\] <id>/);
    expect((await run(['help', 'task'])).stdout).toBe(stdout);
  });

  it('is one object with --json, as the version is', async () => {
    const { run } = commands();
    expect((await run(['-V'])).stdout).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await run(['-V', '--json'])).json).toMatchObject({ success: true });
    expect((await run(['task', '--help', '--json'])).json).toMatchObject({ success: true });
  });
});

describe('what hides a mistake', () => {
  it('is told: tasks of a project that is not there, a folder that is not there', async () => {
    const { api } = await startServer();
    const maestro = commands({ MAESTRO_API_URL: api.url });
    const listed = await maestro.run(['task', 'list', '--project', 'proj_nope']);
    expect([listed.exitCode, listed.stderr]).toEqual([
      2,
      expect.stringContaining('Project proj_nope not found'),
    ]);
    const made = await maestro.run(['project', 'create', 'Far', '--dir', '/no/such/folder']);
    expect([made.exitCode, made.stderr]).toEqual([
      0,
      expect.stringContaining('there is no folder /no/such/folder'),
    ]);
  });
});

describe('an option that takes one of a few words', () => {
  it.each([
    [['task', 'list', '--status', 'dune'], /todo, in_progress, completed, cancelled, blocked/],
    [['task', 'create', 'A', '--priority', 'urgent'], /low, medium, high/],
    [['session', 'spawn', '--task', 'task_1', '--strategy', 'fast'], /simple, queue, tree/],
  ])('refuses another one with the list, before it asks the server: %j', async (args, list) => {
    const { exitCode, stderr } = await commands(nowhere).run(args);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(list);
  });

  it('reads an old word as the new one', async () => {
    const { api } = await startServer();
    const projectId = await api.project();
    const id = await api.task(projectId);
    const { data } = commands({ MAESTRO_API_URL: api.url, MAESTRO_PROJECT_ID: projectId });
    expect(
      (await data(['task', 'list', '--status', 'pending'])).map((task: { id: string }) => task.id),
    ).toEqual([id]);
    await data(['task', 'update', id, '--status', 'blocked']);
    expect((await data(['task', 'update', id, '--status', 'pending'])).status).toBe('todo');
  });
});

describe('what bad input is told', () => {
  it('says each problem once', async () => {
    const { api } = await startServer();
    const { run } = commands({ MAESTRO_API_URL: api.url, MAESTRO_PROJECT_ID: await api.project() });
    const { exitCode, stderr } = await run(['task', 'create', ' ']);
    expect([exitCode, stderr]).toEqual([1, 'error: title must not be empty']);
  });

  it('knows a server that is asked in https by mistake', async () => {
    const { api } = await startServer();
    const { stderr } = await commands({ MAESTRO_RETRIES: '0' }).run([
      ...['--server', api.url.replace('http', 'https'), 'project', 'list'],
    ]);
    expect(stderr).toContain('it does not speak https; try http');
  });
});
