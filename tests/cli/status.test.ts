import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commands } from './command.ts';

/** Commands that call a server whose storage stands as given. */
async function callersOf(storage: unknown) {
  const server = createServer((request, response) => {
    const health = { status: 'degraded', uptime: 1, storage };
    response.end(JSON.stringify(request.url === '/health' ? health : []));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return commands({ MAESTRO_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

const faulty = (count: number, listed: number) => ({
  count,
  records: Array.from({ length: listed }, (_, at) => ({ path: `/data/tasks/${at}.json`, reason: 'no JSON' })),
});

describe('maestro status', () => {
  it('tells of records that are set aside and of files that could not be written, the first of each by name', async () => {
    const storage = { state: 'ok', behindBytes: 0, setAside: faulty(31, 20), unwritten: faulty(1, 1) };
    const { run, data } = await callersOf(storage);
    const lines = (await run(['status'])).stdout.split('\n');
    const at = lines.indexOf('Records that could not be read and are set aside: 31');
    expect(lines.slice(at, at + 9)).toEqual([
      'Records that could not be read and are set aside: 31',
      ...[0, 1, 2, 3, 4].map((number) => `  /data/tasks/${number}.json: no JSON`),
      '  and 26 more',
      'Records whose files could not be written: 1',
      '  /data/tasks/0.json: no JSON',
    ]);
    expect((await data(['status'])).server.storage).toEqual(storage);
  });

  it.each([
    ['there are none', { state: 'ok', setAside: faulty(0, 0), unwritten: faulty(0, 0) }],
    ['the server does not say', { state: 'ok', behindBytes: 0 }],
    ['the server says it in another way', { state: 'ok', setAside: 3, unwritten: [] }],
    ['the server says nothing of its storage', undefined],
  ])('says nothing of them when %s', async (_name, storage) => {
    const { exitCode, stdout } = await (await callersOf(storage)).run(['status']);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('Records');
  });
});
