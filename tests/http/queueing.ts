import type { TestServer } from '../support/server.ts';

/** A queue session with its tasks. */
export async function queueIn({ api }: TestServer, size = 2, more: object = {}) {
  const projectId = await api.project();
  const tasks: string[] = [];
  while (tasks.length < size) tasks.push(await api.task(projectId));
  const id = await api.session(projectId, tasks, { strategy: 'queue', ...more });
  const path = `/api/sessions/${id}`;
  const queue = `${path}/queue`;
  const move = (name: string, body: object = {}) => api.post(`${queue}/${name}`, body);
  const state = async () => (await api.get(queue)).body;
  const session = async () => (await api.get(path)).body;
  const to = (status: string) => api.patch(path, { status });
  return { api, projectId, tasks, id, path, queue, move, state, session, to };
}
