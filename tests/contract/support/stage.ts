// What a contract test plays on: a server that others may use too, as if it were the test's own. It hears and sees
// what concerns its own projects, and leaves nothing behind.
import { randomUUID } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import { Api, type Answer } from '../../support/api.ts';
import { raw, type RawAnswer, type RawRequest } from '../../support/raw.ts';
import { Watch, type Heard } from '../../support/watch.ts';

export const target = inject('target');

export const authorization: Record<string, string> =
  target.token === undefined ? {} : { authorization: `Bearer ${target.token}` };

/** Requests that fetch would not send. */
export const ask = (path: string, options: RawRequest = {}): Promise<RawAnswer> =>
  raw(target.url, path, { ...options, headers: { ...authorization, ...options.headers } });

/** A key that nobody has used before. */
export const newKey = (): { 'Idempotency-Key': string } => ({
  'Idempotency-Key': `contract-${randomUUID()}`,
});

/** Knows what was made through it, and what it was told of the records in its projects. */
class OwnApi extends Api {
  readonly projects = new Set<string>();
  readonly templates = new Set<string>();
  readonly ids = new Set<string>();

  override async send(...request: Parameters<Api['send']>): Promise<Answer> {
    const answer = await super.send(...request);
    const { id, sessionId, projectId, session } = answer.body ?? {};
    const made = answer.status === 201 ? request[1] : '';
    if (made === '/api/projects') this.projects.add(id);
    if (made === '/api/templates') this.templates.add(id);
    const isOwn =
      made === '/api/projects' || made === '/api/templates' || this.ids.has(projectId ?? session?.projectId);
    if (isOwn) for (const each of [id, sessionId]) if (typeof each === 'string') this.ids.add(each);
    return answer;
  }
}

export interface Stage {
  api: Api;
  /** A connection that remembers what concerns the projects of this test. */
  listen: (query?: string) => Promise<Watch>;
}

export function stage(): Stage {
  const api = new OwnApi(target.url, target.token);
  onTestFinished(async () => {
    for (const id of api.projects) await clear(api, id);
    for (const id of api.templates) await api.delete(`/api/templates/${id}`);
  });
  return { api, listen: (query = '') => open(query, kinOf(api.ids)) };
}

/** A connection that remembers what `keeps` says: for facts that belong to no project. */
export function open(query: string, keeps: (heard: Heard) => boolean): Promise<Watch> {
  const { url, token } = target;
  const asked = new URLSearchParams(query);
  if (token !== undefined) asked.set('token', token);
  const text = asked.toString();
  return Watch.open(url, text === '' ? '' : `?${text}`, keeps);
}

/** Learns the ids of more records from the facts themselves: a deletion names nothing but an id. */
function kinOf(ids: ReadonlySet<string>): (heard: Heard) => boolean {
  const kin = new Set<string>();
  return ({ type, data }) => {
    if (type === 'resync' || type === 'pong') return true;
    const named = [data?.id, data?.projectId, data?.taskId, data?.sessionId, data?.session?.id].filter(
      (id) => typeof id === 'string',
    );
    if (!named.some((id) => kin.has(id) || ids.has(id))) return false;
    for (const id of named) kin.add(id);
    return true;
  };
}

async function clear(api: Api, projectId: string): Promise<void> {
  for (const kind of ['sessions', 'tasks'])
    for (const { id } of (await api.get(`/api/${kind}?projectId=${projectId}`)).body)
      await api.delete(`/api/${kind}/${id}`);
  await api.delete(`/api/projects/${projectId}`);
}
