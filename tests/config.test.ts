import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { makeFolder } from '../src/storage/make-folder.ts';

const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_ERROR' });
    return (error as { details: { problems: string[] } }).details.problems;
  }
};

describe('the configuration', () => {
  it('has the documented defaults, its paths absolute and ~ expanded', () => {
    const config = readConfig({ DATA_DIR: '', SESSION_DIR: '~/somewhere' });
    expect(config).toMatchObject({
      port: 3000,
      host: null,
      token: null,
      inspect: false,
      spawnDeadlineMs: 120_000,
    });
    expect(config.manifest).toMatchObject({ generator: 'cli', timeoutMs: 30_000, concurrency: 4 });
    expect(config.dataDir).toMatch(/^\/.*\.maestro\/data$/);
    expect(config.sessionDir).toMatch(/^\/.*\/somewhere$/);
  });

  it('names all that is wrong at once: what is malformed, and what cannot be had', () => {
    const problems = problemsOf({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      HOST: '0.0.0.0',
      DATABASE_TYPE: 'postgres',
      MAESTRO_INSPECT: 'yes',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'PORT',
      'MAESTRO_INSPECT',
      'LOG_LEVEL',
      'DATABASE_TYPE',
      'HOST',
    ]);
    expect(problems[0]).toBe('PORT is "99999", but must be a number from 0 to 65535');
  });

  it('takes an address that others can reach only with a token', () => {
    expect(problemsOf({ HOST: '0.0.0.0', MAESTRO_TOKEN: 'secret' })).toEqual([]);
    expect(problemsOf({ HOST: '127.0.0.1' })).toEqual([]);
    expect(problemsOf({ HOST: '0.0.0.0' })).toHaveLength(1);
  });
});

describe('a folder that cannot be made', () => {
  it.runIf(process.platform === 'linux')('is named, where the recursive mkdir of Node never ends', () => {
    expect(() => makeFolder('/proc/maestro/data')).toThrow('the folder /proc/maestro cannot be made');
  });

  it('is named when a file stands in its place', () => {
    expect(() => makeFolder('/etc/hostname')).toThrow('/etc/hostname is needed as a folder, but is a file');
  });
});

describe('a token', () => {
  it.each([
    ['a line feed', 'a\nb'],
    ['a tab', 'a\tb'],
    ['DEL', 'a\u007f'],
    ['a C1 control character', 'a\u0085'],
    ['what Latin-1 lacks', 'schlüssel-€'],
    ['a blank before it', ' a'],
    ['a blank behind it', 'a '],
    ['a blank only', ' '],
  ])('that no header can carry is refused and not shown: with %s', (_, token) => {
    expect(problemsOf({ MAESTRO_TOKEN: token })).toEqual([
      'MAESTRO_TOKEN is a secret that is not shown, but must be a text that an HTTP header can carry: no control characters, none outside of Latin-1, no blank at its ends',
    ]);
  });

  it.each(['a', 'two words', 'schlüssel', '~!@#$%^&*()_+/?', 'x'.repeat(500)])('may be %s', (token) => {
    expect(readConfig({ MAESTRO_TOKEN: token }).token).toBe(token);
  });
});
