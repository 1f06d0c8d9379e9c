// Puts `dist/` together. The server and the command each become few files with all that they import: loading two hundred
// modules one by one was most of a start (docs/decisions/0007). What is imported late (`await import`) stays in files of
// its own. The two entries are small files that look at the version of Node first. Beside them the page, and the API document with its viewer: both come along in the package and work offline.
import { chmodSync, copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'rolldown';
import { build as buildPage } from 'vite';
import { entryText } from './entry.mjs';

const from = (path) => new URL(`../${path}`, import.meta.url);

await bundle({
  cwd: fileURLToPath(from('.')),
  input: { server: 'src/main.ts', 'cli/command': 'src/cli/maestro.ts' },
  platform: 'node',
  transform: {
    define: {
      // Some of the packages are CommonJS and name a file after their own.
      __filename: 'import.meta.filename',
      __dirname: 'import.meta.dirname',
      // Without these ws asks for two optional packages in every folder above this one, and runs what it finds there.
      'process.env.WS_NO_BUFFER_UTIL': '"1"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
    },
  },
  output: {
    dir: 'dist',
    format: 'esm',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    cleanDir: true,
  },
});
const { engines } = JSON.parse(readFileSync(from('package.json'), 'utf8'));
const entries = {
  'dist/main.js': "import('./server.js').then(function (server) { return server.main(); })",
  'dist/cli/maestro.js': "import('./command.js')",
};
for (const [path, load] of Object.entries(entries)) {
  writeFileSync(from(path), entryText(load, engines.node));
  chmodSync(from(path), 0o755);
}

cpSync(from('assets/docs/'), from('dist/docs/'), { recursive: true });
const viewer = import.meta.resolve('openapi-explorer/dist/browser/openapi-explorer.min.js');
copyFileSync(new URL(viewer), from('dist/docs/viewer.js'));

await buildPage({ configFile: fileURLToPath(from('web/vite.config.ts')), logLevel: 'error' });
