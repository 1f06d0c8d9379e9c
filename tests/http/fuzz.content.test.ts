// Attacks by content at every endpoint and every field: depth, width, length, odd characters, bytes that are no text. Each
// is answered as documented and never with a 500, and the journal grows by a small multiple of the body.
import { readdirSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openApiDocument } from '../../src/http/api/openapi.ts';
import { checkAnswer } from '../support/documented.ts';
import { startServer } from '../support/server.ts';

/** What one request may add to the journal: so many times its body, and what a session of this test holds. */
const FACTOR = 4;
const CONSTANT_BYTES = 3 * 1024 * 1024;

const nested = (levels: number): string => '{"a":'.repeat(levels) + '0' + '}'.repeat(levels);
const listOf = (count: number, entry: string): string =>
  `[${Array.from({ length: count }, () => entry).join(',')}]`;
const manyKeys = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',')}}`;

/** JSON for one field. */
const values: Record<string, string> = {
  'at the depth that is allowed': nested(60),
  deep: nested(3_500),
  'deep lists': '['.repeat(5_000) + ']'.repeat(5_000),
  'a long id': `"${'x'.repeat(5_000)}"`,
  'a wide list of ids': listOf(2_000, '"task_none"'),
  'a wide list of objects': listOf(2_000, '{}'),
  'many keys': manyKeys(1_000),
  NUL: '"a\\u0000b"',
  'a list with NUL': '["a\\u0000b"]',
  'a map with NUL': '{"a\\u0000":"b\\u0000"}',
  'a lone surrogate': '"\\ud800x\\udc00"',
  'a map of lone surrogates': '{"\\ud800":"\\udfff"}',
  'a huge number': '1e308',
  'a number beyond all': '1e999',
  __proto__: '{"__proto__":{"a":1},"constructor":{"prototype":1}}',
};

/** Bytes for a field that no schema knows, once for each endpoint. */
const bulky: Record<string, string> = {
  'a million brackets': '['.repeat(1_000_000),
  'a wide list': listOf(500_000, '0'),
  'a list of objects': listOf(300_000, '{}'),
  'many keys': manyKeys(70_000),
  'a long text': `"${'x'.repeat(1_000_000)}"`,
  'a long text of escapes': `"${'\\u0001'.repeat(160_000)}"`,
};

const document: any = openApiDocument({ version: '0.0.0', serverUrl: 'http://localhost:3000' });

function fieldsOf(schema: any): string[] {
  if (schema.$ref !== undefined) return fieldsOf(document.components.schemas[schema.$ref.split('/').at(-1)]);
  return [...Object.keys(schema.properties ?? {}), ...(schema.anyOf ?? []).flatMap(fieldsOf)];
}

const endpoints = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
  Object.entries<any>(methods)
    .filter(([method]) => method !== 'get' && method !== 'delete')
    .map(([method, { requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      fields: requestBody ? [...new Set(fieldsOf(requestBody.content['application/json'].schema))] : [],
    })),
);

function send(url: string, method: string, path: string, body: Buffer) {
  return new Promise<{ status: number; body: unknown }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const outgoing = request(url + path, { method, headers, timeout: 20_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

it('attacks by content are answered as documented, and write no more than a small multiple of themselves', async () => {
  const { api, folder } = await startServer();
  const projectId = await api.project();
  const taskId = await api.task(projectId);
  const sessionId = await api.session(projectId, [taskId], { strategy: 'queue' });
  const good: Record<string, unknown> = {
    ...{ projectId, title: 'A', name: 'A', taskIds: [taskId], taskId, sessionId },
    ...{ message: 'm', content: 'c', role: 'worker', type: 'progress', host: 'h', active: true },
  };
  const journal = join(folder, 'data', 'journal');
  const journalBytes = (): number =>
    readdirSync(journal).reduce(
      (sum, name) => sum + (statSync(join(journal, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  const counts = new Map<number, number>();

  const attack = async (method: string, path: string, body: Buffer, what: string): Promise<void> => {
    const at = path
      .replace('{taskId}', taskId)
      .replace(
        '{id}',
        path.startsWith('/api/tasks') ? taskId : path.startsWith('/api/projects') ? projectId : sessionId,
      );
    const before = journalBytes();
    const answer = await send(api.url, method, at, body);
    expect(answer.status, `${method} ${path}: ${what}`).not.toBe(500);
    checkAnswer(method, at, answer.status, answer.body);
    expect(journalBytes() - before, `${method} ${path}: ${what}`).toBeLessThanOrEqual(
      FACTOR * body.length + CONSTANT_BYTES,
    );
    counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
  };
  const bodyWith = (fields: string[], field: string, value: string): Buffer => {
    const others = fields.filter((name) => name in good && name !== field).map((name) => [name, good[name]]);
    const text = JSON.stringify(Object.fromEntries(others)).slice(1, -1);
    return Buffer.from(`{${text === '' ? '' : `${text},`}${JSON.stringify(field)}:${value}}`);
  };

  for (const { method, path, fields } of endpoints) {
    for (const field of fields)
      for (const [what, value] of Object.entries(values))
        await attack(method, path, bodyWith(fields, field, value), `${field} is ${what}`);
    for (const [what, value] of Object.entries(bulky))
      await attack(method, path, bodyWith(fields, 'unknown', value), what);
    const plain = bodyWith(fields, 'unknown', '"\u00fc"');
    await attack(method, path, Buffer.from(plain.toString('utf8'), 'latin1'), 'not UTF-8');
    await attack(method, path, Buffer.concat([Buffer.from('\ufeff'), plain]), 'a byte order mark');
    await attack(method, path, Buffer.from(plain.toString('utf8'), 'utf16le'), 'UTF-16');
  }
  expect((await api.get('/health')).body.status).toBe('ok');
  console.log([...counts].map(([status, count]) => `${count} x ${status}`).join(', '));
  expect(counts.get(200), 'some must get through').toBeGreaterThan(50);
}, 300_000);
