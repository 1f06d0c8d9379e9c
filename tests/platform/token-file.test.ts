// `~/.maestro/token`: whole, for its owner only, and with all servers, whatever was there before.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addServer, newSecret, removeServers } from '../../src/platform/token-file.ts';
import { temporaryFolder } from '../support/folder.ts';

const entry = (url: string, startedAt = 1) => ({
  url,
  token: `token of ${url}`,
  secret: newSecret(),
  startedAt,
});
const url = (port: number): string => `http://127.0.0.1:${port}`;
const file = (): string => join(temporaryFolder(), '.maestro/token');
const read = (path: string): any[] => JSON.parse(readFileSync(path, 'utf8')).servers;
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('the file of tokens', () => {
  it('holds an entry for each server, and a new one in place of that for the same URL', async () => {
    const path = file();
    const [one, two, again] = [entry(url(1), 1), entry(url(2), 2), entry(url(1), 3)];
    for (const each of [one, two, again]) await addServer(path, each);
    expect(read(path)).toEqual([two, again]);
    await removeServers(path, ({ secret }) => secret === one.secret);
    expect(read(path)).toEqual([two, again]);
    await removeServers(path, ({ secret }) => secret === two.secret);
    expect(read(path)).toEqual([again]);
    expect([modeOf(path), modeOf(dirname(path))]).toEqual([0o600, 0o700]);
    expect(readdirSync(dirname(path))).toEqual(['token']);
  });

  it('loses none of the servers that start at once', async () => {
    const path = file();
    const all = Array.from({ length: 20 }, (_, index) => entry(url(index + 1), index));
    await Promise.all(all.map((each) => addServer(path, each)));
    expect(
      read(path)
        .map((each) => each.url)
        .sort(),
    ).toEqual(all.map((each) => each.url).sort());
  });

  it('is bounded: the oldest go', async () => {
    const path = file();
    for (let index = 0; index < 40; index += 1) await addServer(path, entry(url(index + 1), index));
    expect(read(path).map(({ startedAt }) => startedAt)).toEqual(
      Array.from({ length: 32 }, (_, index) => index + 8),
    );
  });

  it.each([
    ['of the older form', '{"url":"http://localhost:3000","token":"old"}'],
    ['that is no JSON', 'x'],
    ['that is empty', ''],
  ])('replaces one %s, also when others could read it', async (_, text) => {
    const path = file();
    mkdirSync(dirname(path));
    writeFileSync(path, text);
    chmodSync(path, 0o644);
    const only = entry(url(1));
    await addServer(path, only);
    expect([read(path), modeOf(path)]).toEqual([[only], 0o600]);
  });

  it('replaces a link and leaves what the link names as it was', async () => {
    const path = file();
    mkdirSync(dirname(path));
    const named = join(dirname(path), 'named');
    writeFileSync(named, 'untouched');
    symlinkSync(named, path);
    await addServer(path, entry(url(1)));
    expect([lstatSync(path).isFile(), modeOf(path)]).toEqual([true, 0o600]);
    expect(readFileSync(named, 'utf8')).toBe('untouched');
  });

  it('reads no device behind a link', async () => {
    const path = file();
    mkdirSync(dirname(path));
    symlinkSync('/dev/zero', path);
    await addServer(path, entry(url(1)));
    expect(read(path)).toHaveLength(1);
  });

  it('does not wait for a server that died while it wrote', async () => {
    const path = file();
    mkdirSync(join(dirname(path), 'token.lock'), { recursive: true });
    await addServer(path, entry(url(1)));
    expect(read(path)).toHaveLength(1);
    expect(readdirSync(dirname(path))).toEqual(['token']);
  });

  it('stays as it was when it cannot be written', async () => {
    const path = file();
    mkdirSync(join(path, 'a folder in its place'), { recursive: true });
    await expect(addServer(path, entry(url(1)))).rejects.toThrow();
    expect(readdirSync(dirname(path))).toEqual(['token']);
  });
});
