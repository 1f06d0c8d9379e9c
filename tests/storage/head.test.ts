// What head.json says decides what of the journal counts: nothing is taken from one that is damaged.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileWriter } from '../../src/storage/file-writer.ts';
import { readHead, writeHead } from '../../src/storage/head.ts';
import { watchSyncs } from './file-handles.ts';
import { openStorage, temporaryFolder } from './place.ts';
import { put, record, Story } from './story.ts';

const head = { commit: 41, seq: 72, filesThrough: 40 };

test.each(['commit', 'seq', 'filesThrough'])(
  'a head whose %s is another than was written is none',
  async (name) => {
    const folder = await temporaryFolder();
    await writeHead(new FileWriter(folder), folder, head);
    expect(readHead(folder)).toEqual({ head });
    const path = join(folder, 'head.json');
    const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
    writeFileSync(path, JSON.stringify({ ...file, [name]: (file[name] ?? 0) + 100 }));
    const { head: found, problem } = readHead(folder);
    expect(found).toEqual({ commit: 0, seq: 0, filesThrough: 0 });
    expect(problem).toContain('checksum');
  },
);

test('a head of a version before 0.2 has no checksum and counts', async () => {
  const folder = await temporaryFolder();
  writeFileSync(join(folder, 'head.json'), JSON.stringify(head));
  expect(readHead(folder)).toEqual({ head });
});

test('a head is synced, and its name, when it counts as written', async () => {
  const folder = await temporaryFolder();
  const [contents, names] = [await watchSyncs('datasync'), await watchSyncs('sync')];
  await writeHead(new FileWriter(folder), folder, head);
  const path = join(folder, 'head.json');
  expect([contents.take([path]), names.take([folder])]).toEqual([[path], [folder]]);
});

test('sets a file aside unread that is larger than a record may be', async () => {
  const folder = await temporaryFolder();
  const first = (await openStorage(folder)).storage;
  await new Story().tell(first, put('project', record('project', 'proj_1')));
  await first.close();
  truncateSync(join(folder, 'projects/proj_1.json'), 256 * 1024 * 1024 + 1);
  const { problems, setAside } = (await openStorage(folder)).storage.load();
  expect(setAside).toHaveLength(1);
  expect(problems.join()).toContain('larger than 268435456 bytes');
});
