// tsc writes plain files; the `maestro` command must be executable when it is run from a checkout.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/maestro.js', import.meta.url), 0o755);
