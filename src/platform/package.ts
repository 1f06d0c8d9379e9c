// Where this package stands on disk, and what it says of itself. The same from `src/` and from wherever a build puts it.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = packageAround(new URL('.', import.meta.url));

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')));

export const packageVersion = version;

/** The folder that holds an executable named `maestro`: first on the PATH of children. */
export const binFolder = fileURLToPath(new URL('bin/', root));

/** The `maestro` command of this package, as a script for Node. */
export const ownCli = fileURLToPath(new URL('dist/cli/maestro.js', root));

/** Templates and skills as shipped. */
export const assetsFolder = fileURLToPath(new URL('assets/', root));

/** The page at `/`, as the build puts it together. */
export const pageFolder = fileURLToPath(new URL('dist/web/', root));

/** The page that shows the API document, as the build puts it together. */
export const docsFolder = fileURLToPath(new URL('dist/docs/', root));

/** The nearest folder with a package.json, from `folder` on outwards. */
function packageAround(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const outer = new URL('..', folder);
  if (outer.href === folder.href) throw new Error('this file stands outside of its package');
  return packageAround(outer);
}
