// One rule for each line of the arrow in docs/architecture.md. What a room may import is listed; all else is an error.
// tests/gate/import-rules.test.ts plants a fault for each of them.
const rooms = {
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

const packages = {
  xstate: ['machines', 'charts', 'actors'],
  '@statelyai/inspect': ['actors'],
  express: ['http'],
  ws: ['http', 'cli'],
  commander: ['cli'],
  'p-queue': ['actors', 'storage', 'manifest'],
  'write-file-atomic': ['storage', 'manifest', 'cli'],
};

const roomRules = Object.entries(rooms).map(([room, may]) => ({
  name: `${room}-imports`,
  comment: `src/${room} may import ${may.length ? may.join(', ') : 'no other room'}.`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '^src/cli/serve\\.ts$' },
  to: { path: '^src/', pathNot: `^src/(${[room, ...may].join('|')})/` },
}));

const packageRules = Object.entries(packages).map(([name, may]) => ({
  name: `${name}-stays-home`,
  comment: `${name} is imported in ${may.join(', ')} only.`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${may.join('|')})/` },
  to: { path: `^node_modules/(@types/)?${name}/` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...packageRules,
    {
      name: 'domain-imports-zod-only',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: '^node_modules/zod/' },
    },
    {
      name: 'machines-are-pure',
      severity: 'error',
      from: { path: '^src/machines/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: '^node_modules/xstate/' },
    },
    {
      name: 'serve-imports-main',
      severity: 'error',
      from: { path: '^src/cli/serve\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(main\\.ts|cli/|platform/|domain/)' },
    },
    {
      name: 'web-imports-types',
      comment: 'The page speaks to the server over HTTP; of its source it knows the shapes only.',
      severity: 'error',
      from: { path: '^web/src/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-the-page',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^web/' },
    },
    {
      name: 'cli-loads-charts-late',
      comment: 'Only who prints a chart waits for xstate.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/charts/', dynamic: false },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:chart-layouts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
