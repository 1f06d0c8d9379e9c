import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { BODY_DEPTH, BODY_ENTRIES, BODY_FIELDS } from '../../src/domain/bounds.ts';
import { startServer } from '../support/server.ts';
import type { Api } from '../support/api.ts';

const nested = (levels: number): string => '{"a":'.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);

/** Sends bytes as they are. */
function post(api: Api, path: string, body: Buffer, type = 'application/json') {
  return new Promise<{ status: number; body: any }>((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': body.length };
    const outgoing = request(api.url + path, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function stage(): Promise<{ api: Api; projectId: string }> {
  const { api } = await startServer();
  return { api, projectId: await api.project() };
}

describe('a body', () => {
  it('that is not UTF-8 is refused, not stored with replaced letters', async () => {
    const { api } = await stage();
    const latin1 = Buffer.from('{"name":"caf\u00e9"}', 'latin1');
    const answer = await post(api, '/api/projects', latin1);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(answer.body.message).toContain('UTF-8');
  });

  it.each(['utf-16le', 'utf-32', 'utf-7', 'latin1', '"us-ascii"'])(
    'in another charset is refused (%s)',
    async (charset) => {
      const { api } = await stage();
      const type = `application/json; charset=${charset}`;
      const answer = await post(api, '/api/projects', Buffer.from('{"name":"A"}'), type);
      expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    },
  );

  it.each(['application/json;charset=UTF-8', 'application/json; charset="utf8"'])(
    'in UTF-8 that says so is taken, and one with a byte order mark (%s)',
    async (type) => {
      const { api } = await stage();
      const answer = await post(api, '/api/projects', Buffer.from('\ufeff{"name":"caf\u00e9"}'), type);
      expect([answer.status, answer.body.name]).toEqual([201, 'caf\u00e9']);
    },
  );

  it(`nested ${BODY_DEPTH} levels deep is taken; a deeper one is refused, and the field named`, async () => {
    const { api, projectId } = await stage();
    const task = (metadata: string) =>
      api.post('/api/tasks', `{"projectId":"${projectId}","title":"T","metadata":${metadata}}`);
    expect((await task(nested(BODY_DEPTH - 1))).status).toBe(201);
    const { status, body } = await task(`{"x":[1,${nested(BODY_DEPTH - 2)}]}`);
    expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(body.details).toEqual({
      'metadata.x.1.a.a.a.a.a': 'must not be nested deeper than 64 levels',
    });
  });

  it.each([
    ['objects', 3_500],
    ['objects', 150_000],
    ['lists', 300_000],
  ])('of %s nested %i levels deep is refused before it is parsed', async (kind, levels) => {
    const { api } = await stage();
    const deep = kind === 'lists' ? '['.repeat(levels) + ']'.repeat(levels) : nested(levels);
    const { status, body } = await api.post('/api/projects', `{"name":"A","metadata":${deep}}`);
    expect([status, Object.keys(body.details)]).toEqual([400, [expect.stringMatching(/^metadata\.[a0]/)]]);
  });

  it('is not taken for deep because of brackets in its texts, or of quotes in them', async () => {
    const { api } = await stage();
    const name = '\\"[{'.repeat(100) + '\\\\';
    expect((await api.post('/api/projects', `{"name":"${name}","description":"{"}`)).status).toBe(201);
  });

  it('with a field of a very long name names it in short', async () => {
    const { api, projectId } = await stage();
    const long = 'x'.repeat(500_000);
    const deep = await api.post('/api/projects', `{"${long}":${nested(BODY_DEPTH)}}`);
    const odd = await api.post('/api/sessions', { projectId, taskIds: [], env: { [long]: 1 } });
    for (const { status, body } of [deep, odd])
      expect([status, JSON.stringify(body).length < 3_000]).toEqual([400, true]);
  });

  it('with more faults than a person reads names the first hundred', async () => {
    const { api, projectId } = await stage();
    const timeline = Array.from({ length: 1_000 }, () => ({ type: 'none' }));
    const id = await api.session(projectId);
    const { status, body } = await api.patch(`/api/sessions/${id}`, { timeline });
    expect([status, Object.keys(body.details).length]).toEqual([400, 100]);
  });

  it.each([
    ['fields', Object.fromEntries(Array.from({ length: BODY_FIELDS }, (_, index) => [`k${index}`, 0]))],
    ['entries', { list: Array.from({ length: BODY_ENTRIES + 1 }, () => 0) }],
  ])('with too many %s is 413', async (what, metadata) => {
    const { api, projectId } = await stage();
    const { status, body } = await api.post('/api/tasks', { projectId, title: 'T', metadata });
    expect([status, body.code, body.message]).toEqual([
      413,
      'PAYLOAD_TOO_LARGE',
      expect.stringMatching(what),
    ]);
  });
});

describe('a field', () => {
  async function begin() {
    const { api, projectId } = await stage();
    return { api, projectId, sessionId: await api.session(projectId), taskId: await api.task(projectId) };
  }

  it.each<[string, string, object, string, string]>([
    ['POST', '/api/projects', { name: 'a\0b' }, 'name', 'NUL'],
    ['POST', '/api/projects', { name: 'A', workingDir: '/'.repeat(4_097) }, 'workingDir', '4,096 characters'],
    ['POST', '/api/projects', { name: 'A', workingDir: '/a\0' }, 'workingDir', 'NUL'],
    ['PATCH', '/api/sessions/SESSION', { agentId: 'x'.repeat(1_001) }, 'agentId', '1,000 characters'],
    [
      'PATCH',
      '/api/tasks/TASK',
      { skillIds: Array.from({ length: 1_001 }, () => 's') },
      'skillIds',
      '1,000 entries',
    ],
    ['PATCH', '/api/tasks/TASK', { dependencies: ['x'.repeat(1_001)] }, 'dependencies.0', '1,000 characters'],
    [
      'PATCH',
      '/api/tasks/TASK',
      { sessionIds: Array.from({ length: 10_001 }, () => 's') },
      'sessionIds',
      '10,000 entries',
    ],
    [
      'PATCH',
      '/api/sessions/SESSION',
      { taskIds: Array.from({ length: 90_000 }, () => 1) },
      'taskIds',
      '10,000 entries',
    ],
    [
      'PATCH',
      '/api/sessions/SESSION',
      { timeline: Array.from({ length: 1_001 }, () => ({})) },
      'timeline',
      '1,000 entries',
    ],
    [
      'PATCH',
      '/api/sessions/SESSION',
      { events: Array.from({ length: 75_000 }, () => 0) },
      'events',
      '1,000 entries',
    ],
    [
      'PATCH',
      '/api/sessions/SESSION',
      { timeline: [{ timestamp: 1e300 }] },
      'timeline.0.timestamp',
      'milliseconds',
    ],
    [
      'PATCH',
      '/api/sessions/SESSION',
      { env: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`V${i}`, ''])) },
      'env',
      '500 variables',
    ],
    [
      'PATCH',
      '/api/sessions/SESSION',
      { env: { A: 'x'.repeat(40_000), B: 'x'.repeat(40_000) } },
      'env',
      '65,536 characters',
    ],
    ['PATCH', '/api/sessions/SESSION', { env: { A: 'a\0b' } }, 'env', 'NUL'],
    [
      'POST',
      '/api/sessions/SESSION/queue/fail',
      { reason: 'x'.repeat(10_001) },
      'reason',
      '10,000 characters',
    ],
    ['POST', '/api/sessions/SESSION/queue/push', { taskId: 'x'.repeat(129) }, 'taskId', '128 characters'],
    ['POST', '/api/sessions/spawn', { projectId: 'x'.repeat(129) }, 'projectId', '128 characters'],
    ['GET', `/api/tasks?projectId=${'x'.repeat(129)}`, {}, 'projectId', '128 characters'],
  ])('beyond its bound is refused: %s %s', async (method, path, body, field, bound) => {
    const { api, taskId, sessionId } = await begin();
    const at = path.replace('TASK', taskId).replace('SESSION', sessionId);
    const answer = await api.send(method, at, method === 'GET' ? undefined : body);
    expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(answer.body.details).toEqual({ [field]: expect.stringContaining(bound) });
  });

  it('of a spawn that holds too many tasks has the code of its own, and the bound', async () => {
    const { api, projectId, taskId } = await begin();
    const taskIds = Array.from({ length: 10_001 }, () => taskId);
    const { status, body } = await api.post('/api/sessions/spawn', { projectId, taskIds });
    expect([status, body.code, body.message]).toEqual([
      400,
      'invalid_task_ids',
      'taskIds must have at most 10,000 entries',
    ]);
  });
});
