// Whatever is sent to whichever endpoint: it is answered as the document says, never with a 500, and the server goes on.
// FUZZ_REQUESTS says how many (2,000); SEED repeats a run.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFailed } from 'vitest';
import { endpoints } from '../../src/http/api/endpoints.ts';
import { checkAnswer } from '../support/documented.ts';
import { temporaryFolder } from '../support/folder.ts';
import { raw } from '../support/raw.ts';
import { startServer } from '../support/server.ts';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2_000);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const LIMIT_MS = 60_000 + REQUESTS * 30;
/** Nothing that is asked for here takes long. */
const ANSWER_LIMIT_MS = 5_000;

const nasty = [
  '',
  ' ',
  '\u0000',
  '\u202e',
  '💥',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '-rf',
  'null',
  'NaN',
];
const text = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constant('x'.repeat(5000)),
);
const value = fc.oneof(
  { depthSize: 'medium' },
  text,
  fc.double(),
  fc.constantFrom(null, true, false, 0, -1, 2 ** 53, 1e400, [], {}),
  fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }),
);

/** Fields that endpoints know, now and then with what they want, so that the requests get past the first check. */
const fieldNames = [
  ...[
    'id',
    'projectId',
    'taskId',
    'taskIds',
    'parentId',
    'sessionId',
    'sessionIds',
    'title',
    'name',
    'status',
  ],
  ...[
    'sessionStatus',
    'updateSource',
    'strategy',
    'role',
    'skills',
    'model',
    'context',
    'env',
    'metadata',
    'events',
  ],
  ...[
    'timeline',
    'needsInput',
    'message',
    'type',
    'data',
    'host',
    'reason',
    'content',
    'workingDir',
    'priority',
  ],
  ...['spawnSource', 'dependencies', '__proto__', 'constructor', 'toString', 'hasOwnProperty'],
];
const words = [
  'working',
  'completed',
  'spawning',
  'queue',
  'tree',
  'worker',
  'session',
  'needs_input',
  'high',
  'opus',
  'A',
];

const headers = fc.record(
  {
    'idempotency-key': fc
      .string({ minLength: 0, maxLength: 300 })
      .map((key) => key.replaceAll(/[^\x21-\x7e]/g, 'k')),
    prefer: fc.constantFrom('return=minimal', 'return=', ';;;', 'return="minimal'),
    'content-type': fc.constantFrom(
      'application/json',
      'text/plain',
      'application/json; charset=utf-7',
      ';',
      'x/y',
    ),
    origin: fc.constantFrom('http://localhost:1', 'http://evil.example', 'null'),
    'content-encoding': fc.constantFrom('gzip', 'br', 'none'),
    authorization: fc.constantFrom('Bearer ', 'Basic x', 'Bearer a b'),
  },
  { requiredKeys: [] },
);

/** What is deleted can be asked for no more: that comes more rarely. */
const all = Object.values(endpoints).flat();

interface Ids {
  projects: string[];
  tasks: string[];
  sessions: string[];
}

const requests = ({ projects, tasks, sessions }: Ids) => {
  const known = fc.constantFrom(...projects, ...tasks, ...sessions, ...words);
  const field = fc.oneof(known, fc.array(known, { maxLength: 3 }), value);
  const object = fc.dictionary(fc.constantFrom(...fieldNames), field, { maxKeys: 8 });
  const good = {
    ...{
      projectId: projects[0],
      taskIds: tasks,
      taskId: tasks[0],
      sessionId: sessions[0],
      title: 'A',
      name: 'A',
    },
    ...{ role: 'worker', content: 'c', message: 'm', host: 'h' },
  };
  const junk = fc.constantFrom(
    '{',
    '[]',
    '"x"',
    '{"a":',
    '\ufeff{}',
    '['.repeat(20_000),
    '{"a":'.repeat(5_000),
  );
  const body = fc.oneof(
    { weight: 6, arbitrary: object.map((each) => JSON.stringify(each)) },
    { weight: 6, arbitrary: object.map((each) => JSON.stringify({ ...good, ...each })) },
    { weight: 1, arbitrary: junk },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const part = fc.oneof(
    { weight: 6, arbitrary: known },
    { weight: 1, arbitrary: text.map(encodeURIComponent) },
    { weight: 1, arbitrary: fc.constantFrom('%', '%00', '%2e%2e', '..%2f..', 'a%2fb', '%E0%A4%A', '.', '*') },
  );
  const query = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc
        .array(
          fc.tuple(
            fc.constantFrom('projectId', 'status', 'parentId', 'taskId', 'active', '__proto__[x]', 'a[]'),
            text,
          ),
        )
        .map((pairs) => `?${pairs.map(([name, given]) => `${name}=${encodeURIComponent(given)}`).join('&')}`),
    },
  );
  return fc.record({
    endpoint: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...all.filter(({ method }) => method !== 'delete')) },
      { weight: 1, arbitrary: fc.constantFrom(...all) },
    ),
    parts: fc.array(part, { minLength: 3, maxLength: 3 }),
    query,
    body,
    headers: fc.oneof({ weight: 8, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
  });
};

it(
  `${REQUESTS} requests of any kind are answered as documented, and change nothing outside of the folders (seed ${SEED})`,
  async () => {
    const around = temporaryFolder();
    const { api, folder } = await startServer({}, join(around, 'inside'));
    // head.json comes with the first checkpoint.
    const written = () =>
      [around, folder, join(folder, 'data')].map((each) =>
        readdirSync(each)
          .filter((name) => !name.startsWith('head.json'))
          .sort(),
      );
    const before = written();
    const projectId = await api.project();
    const tasks = [await api.task(projectId), await api.task(projectId)];
    const sessions = [
      await api.session(projectId, tasks, { strategy: 'queue' }),
      await api.session(projectId, [], { status: 'working' }),
      (await api.post('/api/sessions/spawn', { projectId, taskIds: tasks })).body.sessionId,
    ];
    const arbitrary = requests({ projects: [projectId, 'proj_none'], tasks, sessions });
    let statuses = new Map<number, number>();
    let sent = '';
    onTestFailed(() => {
      console.error(`the last request was ${sent.slice(0, 4000)}`);
    });
    for (const { endpoint, parts, query, body, headers: given } of fc.sample(arbitrary, {
      seed: SEED,
      numRuns: REQUESTS,
    })) {
      let index = 0;
      const path = endpoint.path.replaceAll(/\{\w+\}/g, () => parts[index++] ?? 'x') + query;
      const method = endpoint.method.toUpperCase();
      sent = JSON.stringify({ method, path, body, given });
      const answer = await within(
        raw(api.url, path, {
          method,
          headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...given },
          ...(body !== undefined && { body }),
        }),
      );
      expect(answer.status, `${method} ${path}`).not.toBe(500);
      // A part that is a path of its own leads to another endpoint, or to none.
      if (!/%2f|\/\.|%2e|\*/i.test(path)) checkAnswer(method, path, answer.status, answer.body);
      statuses = statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
    expect((await api.get('/health')).body.status).toBe('ok');
    expect(written()).toEqual(before);
    console.log(
      [...statuses]
        .sort(([a], [b]) => a - b)
        .map(([status, count]) => `${count} x ${status}`)
        .join(', '),
    );
    expect(statuses.get(200), 'some must get through').toBeGreaterThan(REQUESTS / 20);
  },
  LIMIT_MS,
);

async function within<T>(work: Promise<T>): Promise<T> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`no answer within ${ANSWER_LIMIT_MS} ms`)), ANSWER_LIMIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(limit));
}
