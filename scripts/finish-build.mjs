// What tsc leaves undone: the `maestro` command must be executable when it is run from a checkout, and the page of the
// API document needs its viewer, which comes along in the package so that the page works offline.
import { chmodSync, copyFileSync, cpSync } from 'node:fs';

const from = (path) => new URL(`../${path}`, import.meta.url);

chmodSync(from('dist/cli/maestro.js'), 0o755);
cpSync(from('assets/docs/'), from('dist/docs/'), { recursive: true });
const viewer = import.meta.resolve('openapi-explorer/dist/browser/openapi-explorer.min.js');
copyFileSync(new URL(viewer), from('dist/docs/viewer.js'));
