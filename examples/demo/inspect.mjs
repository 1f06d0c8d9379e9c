// @ts-check
// The demo's inspections of this repository: `node examples/demo/inspect.mjs lines`, and so on. Each prints a few lines.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [name = '', argument = ''] = process.argv.slice(2);

/** The files of this repository, as git knows them, as far as they are there. */
const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));

/** @param {string} file */
const linesOf = (file) => readFileSync(file, 'utf8').split('\n').length - 1;

/**
 * Sums up by a key, largest first.
 * @param {string[]} of
 * @param {(file: string) => string} key
 * @param {(file: string) => number} size
 * @returns {[string, number][]}
 */
function sums(of, key, size) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const file of of) found.set(key(file), (found.get(key(file)) ?? 0) + size(file));
  return [...found].sort((a, b) => b[1] - a[1]);
}

/** @param {[string, number][]} rows */
const list = (rows) => rows.map(([what, count]) => `${String(count).padStart(6)}  ${what}`).join('\n');

/** @type {Record<string, () => string>} */
const inspections = {
  lines: () =>
    list(
      sums(files, (file) => file.split('/').slice(0, -1).slice(0, 2).join('/') || '.', linesOf).slice(0, 8),
    ),

  longest: () => {
    const code = files.filter((file) => /\.(ts|mjs)$/.test(file));
    return list(sums(code, (file) => file, linesOf).slice(0, Number(argument)));
  },

  marks: () => {
    const marked = files.filter(
      (file) => /^(src|tests)\//.test(file) && /\b(TODO|FIXME)\b/.test(readFileSync(file, 'utf8')),
    );
    return marked.length === 0 ? 'Nothing is marked.' : marked.join('\n');
  },

  tests: () => {
    const tests = files.filter((file) => file.endsWith('.test.ts'));
    const count = (/** @type {string} */ file) =>
      readFileSync(file, 'utf8').match(/^\s*(?:it|test)(?:\.each\(.*\))?\(/gm)?.length ?? 0;
    return list(sums(tests, dirname, count));
  },

  licences: () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    return Object.keys(dependencies)
      .map((each) => JSON.parse(readFileSync(join('node_modules', each, 'package.json'), 'utf8')))
      .map((each) => `${each.name} ${each.version}: ${each.license}`)
      .join('\n');
  },

  log: () => {
    const subjects = execFileSync('git', ['log', '--format=%s'], { encoding: 'utf8' }).trim().split('\n');
    const areas = sums(
      subjects,
      (subject) => subject.split(':')[0] ?? '',
      () => 1,
    ).slice(0, 5);
    return `${subjects.length} commits, most of them in\n${list(areas)}`;
  },

  links: () => {
    const broken = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
          .map(([, link = '']) => link)
          .filter((link) => !existsSync(join(dirname(file), link)))
          .map((link) => `${file}: ${link}`),
      );
    if (broken.length > 0) throw new Error(`broken links:\n${broken.join('\n')}`);
    return 'Every link in the docs leads somewhere.';
  },

  start: () => {
    const began = performance.now();
    for (let time = 0; time < 5; time += 1) execFileSync(process.execPath, ['-e', '0']);
    return `node -e 0 takes ${((performance.now() - began) / 5).toFixed(0)} ms`;
  },
};

const inspect = inspections[name];
if (!inspect) {
  console.error(`there is no inspection "${name}"; there are ${Object.keys(inspections).join(', ')}`);
  process.exit(2);
}
console.log(inspect());
