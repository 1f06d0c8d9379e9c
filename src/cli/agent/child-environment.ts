// The environment of what we start.
import { delimiter } from 'node:path';
import { binFolder } from '../../platform/package.ts';

/** Ours and `more`, with this package's own `maestro` first on the PATH. */
export function childEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const environment = { ...process.env, ...more };
  const before = environment['PATH'];
  return { ...environment, PATH: before ? `${binFolder}${delimiter}${before}` : binFolder };
}
