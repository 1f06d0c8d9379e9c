// An entry in `~/.maestro/token` that a killed server left: it must not keep the command from the next server there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startProcess } from '../support/server.ts';

it('a server without a token takes away what a killed one with a token left for its address', async () => {
  const first = await startProcess({ MAESTRO_TOKEN: 'secret' });
  const { folder, printedUrl } = first;
  const entries = (): { url: string }[] =>
    (JSON.parse(readFileSync(join(folder, '.maestro/token'), 'utf8')) as { servers: { url: string }[] })
      .servers;
  const other = await startProcess({ MAESTRO_TOKEN: 'other', DATA_DIR: join(folder, 'other') }, folder);
  await first.kill();
  expect(entries().map(({ url }) => url)).toEqual([printedUrl, other.printedUrl]);
  await startProcess({ PORT: new URL(printedUrl).port }, folder);
  expect(entries().map(({ url }) => url)).toEqual([other.printedUrl]);
});
