// The import rules bite: each is given a fault to find, planted in a small tree beside the real config. A checker that
// reads no file, or resolves no package, would pass everything: so a clean tree must be read, too.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { repository } from '../support/server.ts';

/** What each room may import, as docs/architecture.md draws it. */
const rooms: Record<string, string[]> = {
  domain: [],
  platform: ['domain'],
  machines: ['domain'],
  charts: ['machines', 'domain'],
  storage: ['domain'],
  records: ['storage', 'domain'],
  catalog: ['records', 'platform', 'domain'],
  manifest: ['platform', 'domain'],
  actors: ['catalog', 'records', 'machines', 'manifest', 'domain'],
  http: ['actors', 'catalog', 'records', 'charts', 'domain'],
  cli: ['manifest', 'charts', 'platform', 'domain'],
};

/** The rooms that each package is at home in. */
const packages: Record<string, string[]> = {
  xstate: ['machines', 'charts', 'actors'],
  '@statelyai/inspect': ['actors'],
  express: ['http'],
  ws: ['http', 'cli'],
  commander: ['cli'],
  'p-queue': ['actors', 'storage', 'manifest'],
  'write-file-atomic': ['storage', 'manifest', 'cli'],
};

const names = Object.keys(rooms);

type Tree = Record<string, string>;

/** Files with faults, and what must be reported of them. */
interface Planted {
  tree: Tree;
  wanted: string[];
}

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

interface Cruised {
  summary: { violations: Violation[] };
  modules: { source: string; dependencies: { module: string; resolved: string }[] }[];
}

const imports = (...modules: string[]): string => modules.map((module) => `import '${module}';\n`).join('');

/** Every room has a file that others may import. */
const doors = (): Tree => Object.fromEntries(names.map((room) => [`${room}/door.ts`, 'export {};\n']));

/** Packages by name only: the rules look at where a module lies. A link to the real ones would lie elsewhere. */
function install(folder: string): void {
  for (const name of [...Object.keys(packages), 'zod', 'pino', 'vitest']) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    const about = { name, version: '1.0.0', main: 'index.js', types: 'index.d.ts' };
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify(about));
    for (const file of ['index.js', 'index.d.ts'])
      writeFileSync(join(folder, 'node_modules', name, file), 'export {};\n');
  }
}

/** Checks a tree of sources with the real config. */
function cruisePlanted(tree: Tree): Promise<Cruised> {
  const folder = temporaryFolder();
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(repository, file), join(folder, file));
  install(folder);
  for (const [path, text] of Object.entries(tree)) {
    const file = join(folder, 'src', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return cruise(folder);
}

/** Checks `src` in a folder as `npm run check:imports` does. */
async function cruise(folder: string): Promise<Cruised> {
  const checker = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const options = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  const output = await new Promise<string>((resolve, reject) => {
    const limits = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [checker, ...options], limits, (error, stdout, stderr) => {
      // It ends with the number of violations as its exit code.
      if (stdout === '') reject(error ?? new Error(stderr));
      else resolve(stdout);
    });
  });
  return JSON.parse(output) as Cruised;
}

/** What was reported, as `rule: from -> to`; packages by their name. */
const reported = ({ summary }: Cruised): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${nameOf(to)}`).sort();

const nameOf = (path: string): string => {
  const [, name] = /node_modules\/(?:@types\/)?((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name ?? path;
};

/** Each room imports all rooms that it may not, and the root. A type-only import counts, though the compiler drops it. */
function foreignRooms(): Planted {
  const tree: Tree = { 'root.ts': 'export {};\n' };
  const wanted: string[] = [];
  for (const [room, may] of Object.entries(rooms)) {
    const foreign = names.filter((name) => name !== room && !may.includes(name));
    const types = foreign.map((name) => `import type {} from '../${name}/door.ts';\n`).join('');
    tree[`${room}/rooms.ts`] = types + imports('../root.ts');
    for (const target of [...foreign.map((name) => `${name}/door.ts`), 'root.ts'])
      wanted.push(`${room}-imports: src/${room}/rooms.ts -> src/${target}`);
  }
  return { tree, wanted };
}

/** The root and each room import all packages; domain and machines have a stricter rule of their own. */
function strayPackages(): Planted {
  const tree: Tree = { 'maestro.ts': imports(...Object.keys(packages)) };
  for (const room of names.filter((name) => name !== 'domain' && name !== 'machines'))
    tree[`${room}/packages.ts`] = imports(...Object.keys(packages));
  const wanted = Object.entries(packages).flatMap(([name, home]) =>
    Object.keys(tree)
      .filter((file) => !home.some((room) => file.startsWith(`${room}/`)))
      .map((file) => `${name}-stays-home: src/${file} -> ${name}`),
  );
  return { tree, wanted };
}

const others: Planted = {
  tree: {
    'domain/plant.ts': imports('node:fs', 'pino', 'zod'),
    'machines/plant.ts': imports('node:fs', 'zod', 'xstate'),
    'cli/serve.ts': imports('../main.ts', '../http/door.ts'),
    'main.ts': 'export {};\n',
    'cli/plant.ts': imports('../charts/door.ts'),
    'records/one.ts': imports('./other.ts'),
    'records/other.ts': imports('./one.ts'),
    'storage/plant.ts': imports('vitest'),
    'http/plant.ts': imports('./missing.ts', 'no-such-package'),
  },
  wanted: [
    'domain-imports-zod-only: src/domain/plant.ts -> fs',
    'domain-imports-zod-only: src/domain/plant.ts -> pino',
    'machines-are-pure: src/machines/plant.ts -> fs',
    'machines-are-pure: src/machines/plant.ts -> zod',
    'serve-imports-main: src/cli/serve.ts -> src/http/door.ts',
    'cli-loads-charts-late: src/cli/plant.ts -> src/charts/door.ts',
    'no-cycles: src/records/one.ts -> src/records/other.ts',
    'no-dev-dependencies: src/storage/plant.ts -> vitest',
    'no-unresolvable: src/http/plant.ts -> ./missing.ts',
    'no-unresolvable: src/http/plant.ts -> no-such-package',
  ],
};

describe('the import rules', () => {
  it('report a room that imports another, a package away from home, a cycle, and what else no room may do', async () => {
    const planted = [foreignRooms(), strayPackages(), others];
    const trees = planted.map(({ tree }) => tree);
    const cruised = await cruisePlanted(Object.assign(doors(), ...trees) as Tree);
    expect(reported(cruised)).toEqual(planted.flatMap(({ wanted }) => wanted).sort());
  });

  it('pass a tree that keeps to them, every file and import of which was read', async () => {
    const tree: Tree = {
      ...doors(),
      'main.ts': 'export {};\n',
      'cli/serve.ts': imports('../main.ts', '../platform/door.ts', '../domain/door.ts'),
    };
    for (const [room, may] of Object.entries(rooms)) {
      const atHome = Object.keys(packages).filter((name) => packages[name]?.includes(room));
      const own = room === 'domain' ? ['zod'] : atHome;
      const late = may.filter((name) => room === 'cli' && name === 'charts');
      const early = may.filter((name) => !late.includes(name));
      tree[`${room}/plant.ts`] =
        imports('./door.ts', ...early.map((name) => `../${name}/door.ts`), ...own) +
        late.map((name) => `await import('../${name}/door.ts');\n`).join('');
    }
    const cruised = await cruisePlanted(tree);
    expect(reported(cruised)).toEqual([]);
    const ours = cruised.modules.filter(({ source }) => source.startsWith('src/'));
    expect(ours.map(({ source }) => source).sort()).toEqual(
      Object.keys(tree)
        .map((path) => `src/${path}`)
        .sort(),
    );
    for (const { source, dependencies } of ours) {
      const text = tree[source.slice('src/'.length)] ?? '';
      const imported = [...text.matchAll(/import[ (]'([^']+)'/g)].map(([, module]) => module);
      expect(dependencies.map(({ module }) => module).sort()).toEqual(imported.sort());
    }
  });

  it('read the real sources, and know their packages by the places that they lie in', async () => {
    const { modules } = await cruise(repository);
    expect(modules.filter(({ source }) => source.startsWith('src/')).length).toBeGreaterThan(100);
    const imported = modules
      .filter(({ source }) => source.startsWith('src/'))
      .flatMap(({ dependencies }) => dependencies);
    for (const name of [...Object.keys(packages), 'zod']) {
      const places = imported.filter(({ module }) => module === name).map(({ resolved }) => resolved);
      expect(places, name).not.toEqual([]);
      for (const place of places) expect(place).toMatch(new RegExp(`^node_modules/(@types/)?${name}/`));
    }
  });
});
