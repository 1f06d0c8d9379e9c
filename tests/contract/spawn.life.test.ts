// What happens to a spawn once it is announced: claims and respawns. The deadline: tests/http/spawn.life.
import { describe, expect, it } from 'vitest';
import { spawning } from './support/spawning.ts';

async function spawned(more = {}) {
  const own = await spawning();
  const { body } = await own.spawn(more);
  const id: string = body.sessionId;
  const path = `/api/sessions/${id}`;
  const claim = (host: unknown) => own.api.post(`${path}/claim`, { host });
  return { ...own, id, path, claim };
}

describe('a claim', () => {
  it('gives the host the data of session:spawn; the same host again the same', async () => {
    const own = await spawning();
    const { api } = own;
    const watch = await own.listen();
    const path = `/api/sessions/${(await own.spawn()).body.sessionId}`;
    const claim = (host: string) => api.post(`${path}/claim`, { host });
    const { data } = await watch.fact('session:spawn');
    const first = await claim('host-a');
    expect(first.status).toBe(200);
    expect(first.body).toEqual({ ...data, session: expect.objectContaining({ id: data.session.id }) });
    expect(await claim('host-a')).toMatchObject({ status: 200, body: first.body });
    expect((await claim('host-b')).body).toMatchObject({
      code: 'CONFLICT',
      statusCode: 409,
      details: { claimedBy: 'host-a' },
    });
    expect((await api.get(path)).body).not.toHaveProperty('claimedBy');
  });

  it('is won by exactly one of several hosts', async () => {
    const { claim } = await spawned();
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(claim));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  });

  it('is refused when no agent is awaited, the host is missing or the session is not there', async () => {
    const { api, path, claim } = await spawned();
    for (const host of [undefined, '', 5]) expect((await claim(host)).status).toBe(400);
    await api.patch(path, { status: 'working' });
    expect((await claim('a')).status).toBe(409);
    expect((await api.post('/api/sessions/sess_none/claim', { host: 'a' })).status).toBe(404);
  });

  it('can be made of a session that was created as spawning', async () => {
    const { api, projectId } = await spawning();
    const id = await api.session(projectId, [], { status: 'spawning' });
    const { status, body } = await api.post(`/api/sessions/${id}/claim`, { host: 'a' });
    expect([status, body.manifest, body.session.id]).toEqual([200, null, id]);
  });
});

describe('a respawn', () => {
  it('of a failed spawn is answered like a spawn', async () => {
    const { api, path, id } = await spawned({ role: 'orchestrator', model: 'opus' });
    const { body: failed } = await api.patch(path, { status: 'failed' });
    const { status, body } = await api.post(`${path}/respawn`);
    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      sessionId: id,
      manifestPath: failed.manifestPath,
      message: expect.any(String),
      session: (await api.get(path)).body,
      command: 'maestro orchestrator init',
      initialCommand: 'maestro orchestrator init',
      cwd: '/tmp',
      envVars: failed.env,
    });
    expect(body.session).toMatchObject({ id, status: 'spawning', completedAt: null, model: 'opus' });
    expect(body.session.timeline.slice(0, failed.timeline.length)).toEqual(failed.timeline);
  });

  it('is announced anew, without a word of associations that stand already, and clears the claim', async () => {
    const { api, path, id, taskId, claim, listen } = await spawned();
    expect((await claim('a')).status).toBe(200);
    await api.patch(path, { status: 'failed' });
    const watch = await listen();
    await api.post(`${path}/respawn`);
    await api.patch(`/api/tasks/${taskId}`, {});
    await watch.fact('task:updated');
    expect(watch.types.filter((type) => type !== 'session:updated')).toEqual([
      'session:spawn',
      'task:updated',
    ]);
    const { data } = await watch.fact('session:spawn');
    expect([data.session.id, data.taskIds]).toEqual([id, [taskId]]);
    expect((await claim('b')).status).toBe(200);
    expect((await claim('a')).status).toBe(409);
  });

  it('is refused with 422 from every other state, and for a session that was never spawned', async () => {
    const { api, path, projectId } = await spawned();
    const respawn = async (at = path) => {
      const { status, body } = await api.post(`${at}/respawn`);
      return [status, body.code, body.details?.state];
    };
    expect(await respawn()).toEqual([422, 'BUSINESS_RULE_ERROR', 'spawning']);
    for (const status of ['idle', 'working', 'completed', 'stopped']) {
      await api.patch(path, { status });
      expect(await respawn()).toEqual([422, 'BUSINESS_RULE_ERROR', status]);
    }
    await api.patch(path, { status: 'failed' });
    expect((await respawn())[0]).toBe(201);
    const plain = await api.session(projectId, [], { status: 'failed' });
    expect((await respawn(`/api/sessions/${plain}`))[0]).toBe(422);
    expect((await api.post('/api/sessions/sess_none/respawn')).body.code).toBe('SESSION_NOT_FOUND');
  });
});
