import type { Api } from './api.ts';

/** A queue session with its tasks. */
export async function queueIn<S extends { api: Api }>(on: S, size = 2, more: object = {}) {
  const { api } = on;
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
  return { ...on, projectId, tasks, id, path, queue, move, state, session, to };
}
