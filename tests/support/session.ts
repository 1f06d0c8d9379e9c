import type { Api } from './api.ts';

/** A session in a project of its own, and what tests of it ask for. */
export async function sessionIn({ api }: { api: Api }, more: object = {}) {
  const projectId = await api.project();
  const id = await api.session(projectId, [], more);
  const path = `/api/sessions/${id}`;
  const patch = async (body: object) => (await api.patch(path, body)).body;
  const say = async (body: object) => (await api.post(`${path}/timeline`, body)).body;
  return { projectId, id, path, patch, say };
}

/** One that works, so that it may ask. */
export const workingIn = (on: { api: Api }, status = 'working') => sessionIn(on, { status });
