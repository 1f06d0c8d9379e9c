// view=changes: a small session:updated, and what it adds up to.
import { describe, expect, it } from 'vitest';
import { apply } from '../support/changes.ts';
import { everything } from '../support/everything.ts';
import type { Watch } from '../support/watch.ts';
import { spawning } from './support/spawning.ts';
import { stage } from './support/stage.ts';

const updates = (watch: Watch) => watch.heard.filter(({ type }) => type === 'session:updated');

/** The last word of a story: nothing of it is still on its way when this was heard. */
const lastWord = (watch: Watch, name = 'The end') =>
  watch.fact('session:updated', ({ data }) => data.changes.name === name);

describe('view=changes', () => {
  it('makes session:updated small: what changed, null for what went, and what was appended', async () => {
    const { api, listen } = stage();
    const id = await api.session(await api.project(), [], { status: 'working', env: { A: '1' } });
    const path = `/api/sessions/${id}`;
    const watch = await listen('?view=changes');
    await api.patch(path, { env: { B: '2' } });
    await api.post(`${path}/timeline`, { type: 'needs_input', message: 'Which?' });
    await api.post(`${path}/events`, { type: 'e' });
    await api.patch(path, { status: 'completed' });
    await watch.until(() => watch.heard.length === 4);
    const { body } = await api.get(path);
    const [fields, asked, event, ended] = watch.heard.map(({ data }) => data);
    expect(fields).toEqual({
      id,
      changes: {
        env: { A: '1', B: '2' },
        ...(fields.changes.lastActivity && { lastActivity: expect.any(Number) }),
      },
    });
    expect(asked.changes.needsInput).toMatchObject({ active: true, message: 'Which?' });
    expect(asked.appended).toEqual({ timeline: [body.timeline[1]] });
    expect(asked.appendedAt).toEqual({ timeline: 1 });
    expect(event.appended).toEqual({ events: body.events });
    expect(event.appendedAt).toEqual({ events: 0 });
    expect(ended).toMatchObject({
      changes: { status: 'completed', completedAt: body.completedAt, needsInput: { active: false } },
      appended: { timeline: [body.timeline[2]] },
    });
  });

  it('adds up to the whole session over spawn, queue, question, ends, resume and respawn', async () => {
    const { api, spawn, listen } = await spawning();
    const watch = await listen('?view=changes');
    const { sessionId } = (await spawn({ strategy: 'queue', context: { a: 1 } })).body;
    const path = `/api/sessions/${sessionId}`;
    const { session } = (await watch.fact('session:spawn')).data;
    await api.post(`${path}/queue/start`);
    await api.post(`${path}/timeline`, { type: 'needs_input', message: 'Which?' });
    await api.post(`${path}/answer`, { message: 'That' });
    await api.post(`${path}/events`, { type: 'e', data: { x: 1 } });
    await api.patch(path, { env: { A: '1' }, metadata: { more: true }, agentId: 'agent' });
    await api.post(`${path}/queue/complete`);
    for (const status of ['completed', 'working', 'failed']) await api.patch(path, { status });
    await api.post(`${path}/respawn`);
    await api.patch(path, { name: 'The end', timeline: [{ message: 'm' }] });
    await lastWord(watch);
    // A respawn is told by session:spawn, which is whole.
    let built = structuredClone(session);
    for (const { type, data } of watch.heard)
      if (type === 'session:spawn') built = structuredClone(data.session);
      else if (type === 'session:updated') apply(built, data);
    expect(built).toEqual((await api.get(path)).body);
  });

  it('adds up for the fields that a view takes from metadata', async () => {
    const { api, listen } = stage();
    const id = await api.session(await api.project(), [], { metadata: { role: 'worker' } });
    const path = `/api/sessions/${id}`;
    const built = (await api.get(path)).body;
    const watch = await listen('?view=changes');
    await api.patch(path, { metadata: { role: 'orchestrator', model: 'opus' } });
    await api.patch(path, { name: 'The end' });
    await lastWord(watch);
    for (const { data } of updates(watch)) apply(built, data);
    expect(built).toEqual((await api.get(path)).body);
    expect(built).toMatchObject({ role: 'orchestrator', model: 'opus' });
  });

  it('does not send what was there before: a change costs the same in a long story', async () => {
    const { api, listen } = stage();
    const timeline = Array.from({ length: 500 }, (_entry, index) => ({ message: `entry ${index}` }));
    const id = await api.session(await api.project());
    await api.patch(`/api/sessions/${id}`, { timeline });
    const watch = await listen('?view=changes');
    await api.post(`/api/sessions/${id}/timeline`, { message: 'one more' });
    const { data } = await watch.fact('session:updated');
    expect(data.appended.timeline.map(({ message }: { message: string }) => message)).toEqual(['one more']);
    expect(JSON.stringify(data).length).toBeLessThan(1000);
  });

  it('tells of associations too, which other clients know by their own facts alone', async () => {
    const { api, listen } = stage();
    const projectId = await api.project();
    const [taskId, id] = [await api.task(projectId), await api.session(projectId)];
    const built = (await api.get(`/api/sessions/${id}`)).body;
    const [small, whole] = [await listen('?view=changes'), await listen()];
    await api.post(`/api/sessions/${id}/tasks/${taskId}`);
    await api.patch(`/api/sessions/${id}`, { name: 'The end' });
    await Promise.all([lastWord(small), whole.fact('session:updated')]);
    for (const { data } of updates(small)) apply(built, data);
    expect(built).toEqual((await api.get(`/api/sessions/${id}`)).body);
    expect(updates(small).map(({ data }) => data.appendedAt)).toEqual([{ timeline: 1 }, undefined]);
    expect(whole.types).toEqual(['session:task_added', 'task:session_added', 'session:updated']);
  });

  it('leaves every other fact as it is', async () => {
    const { api, listen } = stage();
    const [small, whole] = [await listen('?view=changes'), await listen()];
    await everything(api);
    await Promise.all([small.fact('project:deleted'), whole.fact('project:deleted')]);
    const others = (watch: Watch) => watch.heard.filter(({ type }) => type !== 'session:updated');
    expect(others(small)).toEqual(others(whole));
  });

  it.each(['whole', 'nonsense', ''])('of another word (%j) is the whole session', async (view) => {
    const { api, listen } = stage();
    const id = await api.session(await api.project());
    const watch = await listen(`?view=${view}`);
    const { body } = await api.patch(`/api/sessions/${id}`, { name: 'N' });
    expect((await watch.fact('session:updated')).data).toEqual(body);
  });
});
