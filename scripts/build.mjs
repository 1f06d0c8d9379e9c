// Puts `dist/` together. The server and the command each become few files with all that they import: loading two hundred
// modules one by one was most of a start (docs/decisions/0007). What is imported late (`await import`) stays in files of
// its own. Beside them the page, and the API document with its viewer: both come along in the package and work offline.
import { chmodSync, copyFileSync, cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'rolldown';
import { build as buildPage } from 'vite';

const from = (path) => new URL(`../${path}`, import.meta.url);

await bundle({
  cwd: fileURLToPath(from('.')),
  input: { main: 'src/main.ts', 'cli/maestro': 'src/cli/maestro.ts' },
  platform: 'node',
  // Some of the packages are CommonJS and name a file after their own.
  transform: { define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' } },
  output: {
    dir: 'dist',
    format: 'esm',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    cleanDir: true,
  },
});
chmodSync(from('dist/cli/maestro.js'), 0o755);

cpSync(from('assets/docs/'), from('dist/docs/'), { recursive: true });
const viewer = import.meta.resolve('openapi-explorer/dist/browser/openapi-explorer.min.js');
copyFileSync(new URL(viewer), from('dist/docs/viewer.js'));

await buildPage({ configFile: fileURLToPath(from('web/vite.config.ts')), logLevel: 'error' });
