// What a contract test plays on: a project of its own on a server that others may use too. It looks at nothing that is
// not its own, and leaves nothing behind.
import { inject, onTestFinished } from 'vitest';
import { Api } from '../../support/api.ts';
import { Watch, type Heard } from '../../support/watch.ts';

const target = inject('target');

export const api = new Api(target.url, target.token);

export interface Stage {
  api: Api;
  projectId: string;
  /** A connection that remembers what concerns this project. */
  watch: (query?: string) => Promise<Watch>;
}

/** A project, gone with all that is in it when the test is over. */
export async function stage(): Promise<Stage> {
  const projectId = await api.project('/the/project');
  onTestFinished(() => clear(projectId));
  return { api, projectId, watch: (query = '') => open(query, kinOf(projectId)) };
}

/** A connection that remembers what `keeps` says: for facts that belong to no project. */
export function open(query: string, keeps: (heard: Heard) => boolean): Promise<Watch> {
  const { url, token } = target;
  const asked = new URLSearchParams(query);
  if (token !== undefined) asked.set('token', token);
  const text = asked.toString();
  return Watch.open(url, text === '' ? '' : `?${text}`, keeps);
}

/** Knows a project's records by what it has heard of them: a deletion names nothing but an id. */
function kinOf(projectId: string): (heard: Heard) => boolean {
  const known = new Set([projectId]);
  return ({ data }) => {
    const named = [data?.id, data?.projectId, data?.taskId, data?.sessionId, data?.session?.id].filter(
      (id) => typeof id === 'string',
    );
    if (!named.some((id) => known.has(id))) return false;
    for (const id of named) known.add(id);
    return true;
  };
}

async function clear(projectId: string): Promise<void> {
  for (const kind of ['sessions', 'tasks'])
    for (const { id } of (await api.get(`/api/${kind}?projectId=${projectId}`)).body)
      await api.delete(`/api/${kind}/${id}`);
  await api.delete(`/api/projects/${projectId}`);
}
