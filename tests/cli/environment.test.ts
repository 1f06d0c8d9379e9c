import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveEnvironment, splitList, type Flags } from '../../src/cli/environment.ts';
import { temporaryFolder } from '../support/folder.ts';

interface Files {
  config?: string;
  token?: string;
  /** Of the current folder. */
  dotEnv?: string;
}

function resolved(variables: Record<string, string>, files: Files = {}, flags: Flags = {}) {
  const home = temporaryFolder();
  const folder = join(home, 'work');
  mkdirSync(join(home, '.maestro'));
  mkdirSync(folder);
  if (files.config !== undefined) writeFileSync(join(home, '.maestro', 'config'), files.config);
  if (files.token !== undefined) writeFileSync(join(home, '.maestro', 'token'), files.token);
  if (files.dotEnv !== undefined) writeFileSync(join(folder, '.env'), files.dotEnv);
  return { ...resolveEnvironment(flags, { variables, home, folder }), home };
}

describe('where a command finds its server and its ids', () => {
  it('takes http://localhost:3000 when nothing is said', () => {
    expect(resolved({})).toMatchObject({
      serverUrl: 'http://localhost:3000',
      retries: 3,
      retryDelayMs: 1000,
    });
  });

  it('takes a flag before the environment, and that before ~/.maestro/config', () => {
    const config = 'MAESTRO_API_URL=http://config:1\nMAESTRO_PROJECT_ID=config\nMAESTRO_SESSION_ID=config';
    const variables = { MAESTRO_API_URL: 'http://set:1', MAESTRO_PROJECT_ID: 'set' };
    expect(resolved(variables, { config }, { server: 'http://flag:1/', project: 'flag' })).toMatchObject({
      serverUrl: 'http://flag:1',
      projectId: 'flag',
      sessionId: 'config',
    });
    expect(resolved(variables, { config })).toMatchObject({ serverUrl: 'http://set:1', projectId: 'set' });
    expect(resolved({}, { config })).toMatchObject({ serverUrl: 'http://config:1', projectId: 'config' });
  });

  it('takes MAESTRO_API_URL before MAESTRO_SERVER_URL, but what is set already wins over the file', () => {
    const both = { MAESTRO_API_URL: 'http://api:1', MAESTRO_SERVER_URL: 'http://server:1' };
    expect(resolved(both).serverUrl).toBe('http://api:1');
    const config = 'MAESTRO_API_URL=http://config:1';
    expect(resolved({ MAESTRO_SERVER_URL: 'http://server:1' }, { config }).serverUrl).toBe('http://server:1');
  });

  it('takes an empty variable for one that is not set', () => {
    const config = 'MAESTRO_PROJECT_ID=config';
    expect(resolved({ MAESTRO_PROJECT_ID: '', MAESTRO_API_URL: '' }, { config })).toMatchObject({
      serverUrl: 'http://localhost:3000',
      projectId: 'config',
    });
  });

  it('takes ids, and nothing else, from the .env of the current folder', () => {
    const dotEnv = [
      'MAESTRO_PROJECT_ID=proj_1',
      'MAESTRO_SESSION_ID=sess_1',
      'MAESTRO_TASK_IDS=task_1,task_2',
      'MAESTRO_API_URL=http://evil:1',
      'MAESTRO_SERVER_URL=http://evil:1',
      'MAESTRO_TOKEN=evil',
      'MAESTRO_AGENT_CMD=evil',
      'MAESTRO_MANIFEST_PATH=/evil',
      'DATA_DIR=/evil',
    ].join('\n');
    const environment = resolved({}, { dotEnv });
    expect(environment).toMatchObject({
      projectId: 'proj_1',
      sessionId: 'sess_1',
      taskIds: ['task_1', 'task_2'],
    });
    expect(JSON.stringify(environment)).not.toContain('evil');
    expect(resolved({ MAESTRO_PROJECT_ID: 'set' }, { dotEnv }).projectId).toBe('set');
  });

  it('expands ~ and makes paths absolute', () => {
    const environment = resolved({ DATA_DIR: '~/there', MAESTRO_MANIFEST_PATH: 'manifest.json' });
    expect(environment.dataDir).toBe(join(environment.home, 'there'));
    expect(environment.manifestPath).toBe(join(environment.home, 'work', 'manifest.json'));
    expect(environment.sessionDir).toBe(join(environment.home, '.maestro', 'sessions'));
  });

  it('refuses a URL that is none', () => {
    expect(() => resolved({ MAESTRO_API_URL: 'ftp://x' })).toThrow(/no http or https URL/);
    expect(() => resolved({ MAESTRO_API_URL: 'localhost' })).toThrow(/no http or https URL/);
  });
});

describe('files that are not what they should be', () => {
  /** A home with the current folder `work`, where `make` puts the same odd thing for each of the three files. */
  function withOdd(make: (path: string) => void) {
    const home = temporaryFolder();
    const folder = join(home, 'work');
    for (const each of [folder, join(home, '.maestro')]) mkdirSync(each);
    const paths = [join(folder, '.env'), join(home, '.maestro', 'config'), join(home, '.maestro', 'token')];
    for (const path of paths) make(path);
    return resolveEnvironment({}, { variables: {}, home, folder });
  }

  it.each<[string, (path: string) => void]>([
    ['a link to a device that never ends', (path) => symlinkSync('/dev/zero', path)],
    ['a pipe that nobody writes', (path) => execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
    ['a link to itself', (path) => symlinkSync(path, path)],
    [
      'a file of many gigabytes',
      (path) => {
        writeFileSync(path, 'MAESTRO_PROJECT_ID=p\n');
        truncateSync(path, 64 * 1024 ** 3);
      },
    ],
  ])('say nothing, and hold up nothing: %s', (_name, make) => {
    expect(withOdd(make)).toMatchObject({ serverUrl: 'http://localhost:3000', projectId: undefined });
  });

  it('may begin with a byte order mark, and may be links', () => {
    const environment = withOdd((path) => {
      writeFileSync(`${path}.real`, '\uFEFFMAESTRO_PROJECT_ID=proj_1\r\nMAESTRO_SESSION_ID=sess_1\r\n');
      symlinkSync(`${path}.real`, path);
    });
    expect(environment).toMatchObject({ projectId: 'proj_1', sessionId: 'sess_1' });
  });

  it('reach the parser without blank lines, in which it is quadratic', () => {
    const config = `${'\n\u2028 \n\r'.repeat(9_000)}MAESTRO_PROJECT_ID=proj_1`;
    expect(resolved({}, { config, dotEnv: config }).projectId).toBe('proj_1');
  });
});

describe('the token in ~/.maestro/token', () => {
  const written = { token: 'secret', secret: 'a'.repeat(64), startedAt: 1 };
  const token = JSON.stringify({ servers: [{ url: 'http://127.0.0.1:4000', ...written }] });

  it('is looked for in the file, and gives way to MAESTRO_TOKEN', () => {
    const { credentials, home } = resolved({});
    expect(credentials).toEqual({ tokenFile: join(home, '.maestro', 'token') });
    expect(resolved({ MAESTRO_TOKEN: 'mine' }, { token }).credentials).toEqual({ token: 'mine' });
  });

  it('leads to the very address in the file when the loopback is called by another name', () => {
    expect(resolved({ MAESTRO_API_URL: 'http://localhost:4000/' }, { token }).serverUrl).toBe(
      'http://127.0.0.1:4000',
    );
    const two = JSON.stringify({
      servers: ['http://127.0.0.1:4000', 'http://localhost:4000', 'http://[::1]:4000'].map((url, at) => ({
        ...{ url, ...written, startedAt: at % 2 },
      })),
    });
    expect(resolved({ MAESTRO_API_URL: 'http://[::1]:4000' }, { token: two }).serverUrl).toBe(
      'http://[::1]:4000',
    );
  });

  it.each([
    'http://localhost:4001',
    'https://127.0.0.1:4000',
    'http://example.org:4000',
    'http://127.0.0.1.example.org:4000',
  ])('does not lead away from %s', (url) => {
    expect(resolved({ MAESTRO_API_URL: url }, { token }).serverUrl).toBe(url);
  });

  it.each(['', 'secret', '{}', '[]', '{"servers": {}}', '{"servers": [1, {"url": "x"}]}'])(
    'is none when the file holds %j',
    (file) => {
      expect(resolved({}, { token: file }).serverUrl).toBe('http://localhost:3000');
    },
  );
});

it('splits lists at commas, each item once and none empty', () => {
  expect(splitList(' a, b,,a ,')).toEqual(['a', 'b']);
  expect(splitList('')).toEqual([]);
});
