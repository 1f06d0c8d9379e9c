// The token in `~/.maestro/token` goes to the server that proves that it wrote it, and to nobody else.
import { mkdirSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { commands, eventually } from './command.ts';
import { proofOf, provenBy, startPeer } from './peer.ts';

const secret = 'a'.repeat(64);
const other = 'b'.repeat(64);

function writeTokenFile(home: string, content: unknown): void {
  mkdirSync(join(home, '.maestro'), { recursive: true });
  writeFileSync(join(home, '.maestro', 'token'), JSON.stringify(content));
}

const entry = (url: string, more: object = {}) => ({ url, token: 'T0KEN', secret, startedAt: 1, ...more });

/** Commands that call `url`, with these entries in `~/.maestro/token`. */
function callers(url: string, servers: object[], more: Record<string, string> = {}) {
  const home = temporaryFolder();
  writeTokenFile(home, { servers });
  return commands({ MAESTRO_API_URL: url, MAESTRO_RETRIES: '0', ...more }, home);
}

const refusal = { exitCode: 3, json: { error: 'SERVER_NOT_PROVEN' } };

describe('a server that proves that it wrote the file', () => {
  it('gets the token, on the connection on which it has proven itself', async () => {
    const { port, sent, asked } = await startPeer(provenBy(() => secret));
    const url = `http://127.0.0.1:${port}`;
    const stale = entry(url, { secret: other, token: 'STALE' });
    const { run } = callers(url, [stale, entry(url), entry('http://127.0.0.1:1', { secret: other })]);
    expect((await run(['project', 'list'])).exitCode).toBe(0);
    expect(sent).toEqual([
      { method: 'GET', path: '/api/projects', authorization: 'Bearer T0KEN', connection: 0 },
    ]);
    expect(asked).toEqual([0]);
  });

  it('gets it under another name of the loopback, at the address that it wrote down', async () => {
    const { port, sent } = await startPeer(provenBy(() => secret));
    const { run } = callers(`http://localhost:${port}`, [
      entry(`http://[::1]:${port}`, { startedAt: 1 }),
      entry(`http://127.0.0.1:${port}`, { startedAt: 2 }),
    ]);
    expect((await run(['project', 'list'])).exitCode).toBe(0);
    expect(sent).toMatchObject([{ authorization: 'Bearer T0KEN' }]);
  });

  it('gets it with a WebSocket, and again when it has come back with another secret', async () => {
    let present = secret;
    const { port, sent, asked, hangUp } = await startPeer(provenBy(() => present));
    const url = `http://127.0.0.1:${port}`;
    const { start, folder } = callers(url, [entry(url)]);
    const watch = start(['watch', '--json']);
    const upgrades = () => sent.filter(({ path }) => path.startsWith('/ws'));
    await eventually(() => upgrades().length === 1, watch.output);
    present = other;
    writeTokenFile(folder, { servers: [entry(url, { secret: other, token: 'NEW' })] });
    hangUp();
    await eventually(() => upgrades().length === 2, watch.output);
    expect(upgrades().map(({ authorization }) => authorization)).toEqual(['Bearer T0KEN', 'Bearer NEW']);
    for (const { connection } of upgrades()) expect(asked).toContain(connection);
  });
});

describe('whoever does not prove it', () => {
  it.each<[string, Parameters<typeof startPeer>[0]]>([
    ['knows no such path', (_nonce, _request, response) => void response.writeHead(404).end('{}')],
    ['answers with no proof', (_nonce, _request, response) => void response.end('{"proof": 1}')],
    ['answers with what is no JSON', (_nonce, _request, response) => void response.end('<html>')],
    ['has another secret', provenBy(() => other)],
    [
      'proves another address',
      (nonce, { socket }, response) =>
        void response.end(
          JSON.stringify({ proof: proofOf(secret, nonce, '127.0.0.2', socket.localPort ?? 0) }),
        ),
    ],
    [
      'never stops to answer',
      (_nonce, _request, response) => {
        const more = () => {
          if (!response.destroyed) response.write('x'.repeat(65_536), more);
        };
        more();
      },
    ],
  ])('gets neither the token nor a request: one that %s', async (_name, prove) => {
    const { port, sent, asked } = await startPeer(prove);
    const url = `http://127.0.0.1:${port}`;
    const { run } = callers(url, [entry(url)]);
    const { exitCode, json, stdout } = await run(['report', 'progress', 'done', '--json'], {
      MAESTRO_SESSION_ID: 'sess_1',
    });
    expect({ exitCode, json }).toMatchObject(refusal);
    expect(json.message).toBe(
      `the server at ${url} did not prove that it wrote ~/.maestro/token; the token was not sent to it`,
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(sent).toEqual([]);
    expect(stdout).not.toContain('T0KEN');
  });

  it('gets nothing by passing the question on to the server that could answer it', async () => {
    const server = await startPeer(provenBy(() => secret));
    const relay = await startPeer(
      (nonce, _request, response) => {
        get(`http://127.0.0.1:${server.port}/proof?nonce=${nonce}`, (answer) => answer.pipe(response));
      },
      '127.0.0.2',
      server.port,
    );
    const url = `http://127.0.0.2:${server.port}`;
    const { run } = callers(url, [entry(url)]);
    expect(await run(['project', 'list', '--json'])).toMatchObject(refusal);
    expect(server.asked).toHaveLength(1);
    expect([...relay.sent, ...server.sent]).toEqual([]);
  });

  it('gets nothing on a second connection, when the proven one is closed', async () => {
    const prove = provenBy(() => secret);
    const { port, sent } = await startPeer((nonce, request, response) => {
      response.setHeader('connection', 'close');
      prove(nonce, request, response);
    });
    const url = `http://127.0.0.1:${port}`;
    const { run } = callers(url, [entry(url)]);
    expect((await run(['project', 'list'])).exitCode).toBe(3);
    expect(sent).toEqual([]);
  });

  it('gets nothing through a WebSocket: the command that listens says why, and tries again', async () => {
    const { port, sent, asked } = await startPeer(provenBy(() => other));
    const url = `http://127.0.0.1:${port}`;
    const { start } = callers(url, [entry(url)]);
    for (const words of [['watch'], ['host', '--json']]) {
      const before = asked.length;
      const running = start(words);
      await eventually(() => asked.length > before + 1, running.output);
      expect(running.output()).toContain('did not prove that it wrote ~/.maestro/token');
    }
    expect(sent).toEqual([]);
  });

  it('is passed over by a hook, which must not break its agent', async () => {
    const { port, sent } = await startPeer(provenBy(() => other));
    const url = `http://127.0.0.1:${port}`;
    const { run } = callers(url, [entry(url)]);
    const { exitCode, json } = await run(['session', 'complete', '--json'], { MAESTRO_SESSION_ID: 'sess_1' });
    expect({ exitCode, json }).toMatchObject({ exitCode: 0, json: { data: { delivered: false } } });
    expect(sent).toEqual([]);
  });
});

describe('a server that the file does not name', () => {
  it.each([
    ['an entry of the old form', (url: string) => ({ url, token: 'T0KEN' })],
    ['an entry without a secret', (url: string) => ({ servers: [{ url, token: 'T0KEN', startedAt: 1 }] })],
    ['another port', () => ({ servers: [entry('http://127.0.0.1:1')] })],
    ['another name', (url: string) => ({ servers: [entry(url.replace('127.0.0.1', 'example.org'))] })],
    ['https', (url: string) => ({ servers: [entry(url.replace('http:', 'https:'))] })],
  ])('is asked for no proof and gets no token: %s', async (_name, content) => {
    const { port, sent, asked } = await startPeer(provenBy(() => secret));
    const url = `http://127.0.0.1:${port}`;
    const { run, folder } = callers(url, []);
    writeTokenFile(folder, content(url));
    expect((await run(['project', 'list'])).exitCode).toBe(0);
    expect(sent).toMatchObject([{ authorization: undefined }]);
    expect(asked).toEqual([]);
  });
});

it('sends the token that the user has named without a proof', async () => {
  const { port, sent, asked } = await startPeer(provenBy(() => other));
  const url = `http://127.0.0.1:${port}`;
  const { run, folder } = callers(url, [entry(url)]);
  await run(['project', 'list'], { MAESTRO_TOKEN: 'MINE' });
  writeFileSync(join(folder, '.maestro', 'config'), 'MAESTRO_TOKEN=OURS');
  await run(['project', 'list']);
  expect(sent.map(({ authorization }) => authorization)).toEqual(['Bearer MINE', 'Bearer OURS']);
  expect(asked).toEqual([]);
});
