// What the build leaves in `dist/`: it runs alone, and says which Node it needs to one that is too old.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { repository } from '../support/server.ts';

const scripts = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.js') && !name.startsWith('web') && !name.startsWith('docs'),
  );

const asVersion = (version: string): string =>
  `--import=data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;

const entries = ['dist/main.js', 'dist/cli/maestro.js', 'bin/maestro'];

describe('a Node that is too old', () => {
  it.each(
    entries.flatMap((entry) => ['12.22.0', '18.20.8', '20.18.9', '22.12.0', '23.9.0'].map((v) => [entry, v])),
  )('is told so in one sentence: %s with Node %s', (entry = '', version = '') => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [asVersion(version), join(repository, entry), '--version'],
      { encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `maestro needs Node 20 (from 20.19 on), 22 (from 22.13 on), 24 or newer; this is Node ${version}.\n`,
    );
  });

  it.each(['20.19.0', '20.19.1', '22.13.0', '22.20.0', '24.0.0', '26.1.0'])('is not Node %s', (version) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [asVersion(version), join(repository, 'dist/cli/maestro.js'), '--version'],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
  });

  it.each(entries)('reads %s, which has no syntax that came after Node 12', (entry) => {
    const code = readFileSync(join(repository, entry), 'utf8');
    expect(code).not.toMatch(/\?\.|\?\?|\bawait\b|\|\|=|&&=|#[a-z]+\s*[=(;]|^import /m);
  });
});

describe('the built files', () => {
  it('import nothing but each other and Node', () => {
    const dist = join(repository, 'dist');
    const foreign = scripts(dist).flatMap((name) =>
      [
        ...readFileSync(join(dist, name), 'utf8').matchAll(
          /(?:^import [^'"\n]*?(?:from )?|\b__require\(|^export [^'"\n]* from |\bimport\()"([^"]+)"/gm,
        ),
      ]
        .map(([, specifier = '']) => specifier)
        .filter((specifier) => !/^\.\.?\//.test(specifier) && !isBuiltin(specifier))
        .map((specifier) => `${name}: ${specifier}`),
    );
    expect(foreign).toEqual([]);
  });

  it('run nothing that lies in a node_modules above the package', () => {
    const top = temporaryFolder();
    const place = join(top, 'user/app');
    mkdirSync(place, { recursive: true });
    for (const name of ['dist', 'assets', 'package.json'])
      cpSync(join(repository, name), join(place, name), { recursive: true });
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    const names = Object.keys({ ...dependencies, ...devDependencies });
    for (const name of [
      ...names,
      'bufferutil',
      'utf-8-validate',
      'pino-abstract-transport',
      'thread-stream',
    ]) {
      const folder = join(top, 'node_modules', name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, 'index.js'),
        `require('fs').appendFileSync(${JSON.stringify(join(top, 'loaded'))}, ${JSON.stringify(`${name}\n`)})`,
      );
    }
    const run = (...words: string[]): void => {
      spawnSync(process.execPath, words, {
        cwd: '/',
        env: {
          HOME: top,
          PORT: '0',
          MAESTRO_RETRIES: '0',
          MAESTRO_API_URL: 'http://127.0.0.1:1',
          MAESTRO_INSPECT: '1',
          // Ends what would stay: the server once it listens, the command that watches.
          NODE_OPTIONS: `--import=data:text/javascript,setTimeout(()=>process.exit(),3000)`,
        },
      });
    };
    run(join(place, 'dist/main.js'));
    run(join(place, 'dist/cli/maestro.js'), 'watch');
    run(join(place, 'dist/cli/maestro.js'), 'status');
    expect(existsSync(join(top, '.maestro/data'))).toBe(true);
    expect(existsSync(join(top, 'loaded')) ? readFileSync(join(top, 'loaded'), 'utf8') : '').toBe('');
  });
});
