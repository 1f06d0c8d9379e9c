// What agents say: events, timeline entries, questions; and the answers to these.
import { describe, expect, it } from 'vitest';
import { stage } from './support/stage.ts';
import { workingIn } from '../support/session.ts';

describe('events', () => {
  it('are appended, told by session:updated and answered with the whole session', async () => {
    const server = stage();
    const { path } = await workingIn(server);
    const watch = await server.listen();
    const { status, body } = await server.api.post(`${path}/events`, { type: 'file_modified', data: [1] });
    expect(status).toBe(200);
    expect(body.events).toEqual([
      { id: expect.any(String), timestamp: expect.any(Number), type: 'file_modified', data: [1] },
    ]);
    expect((await watch.fact('session:updated')).data).toEqual(body);
  });

  it('need a type, and a session that is there', async () => {
    const server = stage();
    const { path } = await workingIn(server);
    for (const body of [{}, { type: '' }, { type: 5 }])
      expect((await server.api.post(`${path}/events`, body)).body.details).toEqual({
        type: expect.any(String),
      });
    const missing = await server.api.post('/api/sessions/sess_none/events', { type: 'a' });
    expect([missing.status, missing.body.code]).toEqual([404, 'NOT_FOUND']);
  });
});

describe('timeline entries', () => {
  it.each(
    `session_started session_stopped task_started task_completed task_failed task_skipped task_blocked
    task_status_changed needs_input progress error milestone`.split(/\s+/),
  )('may be of type %s', async (type) => {
    const server = stage();
    const { say } = await workingIn(server);
    const { timeline } = await say({ type, message: 'm', taskId: 'task_of_others', metadata: { a: 1 } });
    expect(timeline.at(-1)).toMatchObject({
      type,
      message: 'm',
      taskId: 'task_of_others',
      metadata: { a: 1 },
    });
  });

  it('are progress when no type is given; message is required; an unknown type is a 400', async () => {
    const server = stage();
    const { path, say } = await workingIn(server);
    expect((await say({ message: 'm' })).timeline.at(-1).type).toBe('progress');
    for (const body of [{}, { message: '' }, { message: null }])
      expect((await say(body)).details).toEqual({ message: 'is required' });
    expect(await say({ message: 'm', type: 'shout' })).toMatchObject({
      statusCode: 400,
      details: { type: expect.any(String) },
    });
    expect((await server.api.get(path)).body.timeline).toHaveLength(2);
    expect((await server.api.post('/api/sessions/sess_none/timeline', { message: 'm' })).body.code).toBe(
      'NOT_FOUND',
    );
  });

  it.each(['idle', 'spawning', 'completed', 'failed', 'stopped'])(
    'and events are taken in a session that is %s, which stays so',
    async (status) => {
      const server = stage();
      const { path, say } = await workingIn(server, status);
      expect(await say({ type: 'needs_input', message: 'late' })).toMatchObject({ status });
      const { body } = await server.api.post(`${path}/events`, { type: 'late' });
      expect(body).toMatchObject({ status, events: [{ type: 'late' }] });
      expect(body.timeline.at(-1).message).toBe('late');
      expect(body).not.toHaveProperty('needsInput');
    },
  );
});

describe('an open question', () => {
  it.each([
    ['a needs_input entry', { timeline: [{ type: 'needs_input', message: 'Which?' }] }],
    ['needsInput in a PATCH', { needsInput: { active: true, message: 'Which?' } }],
  ])('is opened by %s', async (_how, change) => {
    const server = stage();
    const { patch } = await workingIn(server);
    const { status, needsInput, timeline, lastActivity } = await patch(change);
    expect(status).toBe('working');
    expect(needsInput).toMatchObject({ active: true, message: 'Which?', since: lastActivity });
    expect(timeline.at(-1)).toMatchObject({ type: 'needs_input', message: 'Which?' });
  });

  it.each([
    ['working again', { status: 'working' }],
    ['needsInput that is not active', { needsInput: { active: false } }],
    ['an entry of another type', { timeline: [{ message: 'on it' }] }],
    ['going idle', { status: 'idle' }],
    ['ending', { status: 'completed' }],
  ])('is closed by %s', async (_how, change) => {
    const server = stage();
    const { patch, say } = await workingIn(server);
    await say({ type: 'needs_input', message: 'Which?' });
    expect((await patch(change)).needsInput).toEqual({ active: false });
  });

  it('stays open through events, fields and another question, of which the newest counts', async () => {
    const server = stage();
    const { path, patch, say } = await workingIn(server);
    await say({ type: 'needs_input', message: 'One?' });
    await server.api.post(`${path}/events`, { type: 'e' });
    expect((await patch({ name: 'N' })).needsInput).toMatchObject({ active: true, message: 'One?' });
    expect((await say({ type: 'needs_input', message: 'Two?' })).needsInput).toMatchObject({
      active: true,
      message: 'Two?',
    });
  });

  it('is ignored in a PATCH outside working, and taken when the same PATCH says working', async () => {
    const server = stage();
    const { patch } = await workingIn(server, 'idle');
    const needsInput = { active: true, message: 'Which?' };
    const idle = await patch({ needsInput });
    expect(idle).toMatchObject({ status: 'idle', timeline: [{ type: 'session_started' }] });
    expect(idle).not.toHaveProperty('needsInput');
    expect((await patch({ status: 'working', needsInput })).needsInput.active).toBe(true);
  });

  it("is over with an answer, which names the question's entry", async () => {
    const server = stage();
    const { path, say } = await workingIn(server);
    const asked = await say({ type: 'needs_input', message: 'Which?' });
    const { status, body } = await server.api.post(`${path}/answer`, { message: 'This' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'working', needsInput: { active: false } });
    expect(body.timeline.at(-1)).toMatchObject({
      type: 'progress',
      message: 'This',
      metadata: { answerTo: asked.timeline.at(-1).id },
    });
    const again = await server.api.post(`${path}/answer`, { message: 'This' });
    expect([again.status, again.body.code]).toEqual([422, 'BUSINESS_RULE_ERROR']);
    expect(again.body.details.state).toBe('working');
    expect((await server.api.post(`${path}/answer`, {})).status).toBe(400);
    expect((await server.api.post('/api/sessions/sess_none/answer', { message: 'x' })).status).toBe(404);
  });
});

describe('a minimal answer', () => {
  it('holds the id and what was added, on every call that answers with a whole session', async () => {
    const server = stage();
    const { api } = server;
    const { id, path } = await workingIn(server);
    const taskId = await api.task((await api.get(path)).body.projectId);
    const prefer = { Prefer: 'respond-async, return=minimal' };
    const entry = { id: expect.any(String), timestamp: expect.any(Number) };

    const patched = await api.patch(path, { events: [{ type: 'a' }], timeline: [{ message: 'm' }] }, prefer);
    expect(patched.headers.get('preference-applied')).toBe('return=minimal');
    expect(patched.body).toEqual({
      success: true,
      id,
      events: [{ ...entry, type: 'a' }],
      timeline: [{ ...entry, type: 'progress', message: 'm' }],
    });
    const post = async (below: string, body: object) => (await api.post(path + below, body, prefer)).body;
    expect(await post('/events', { type: 'b' })).toEqual({
      success: true,
      id,
      events: [{ ...entry, type: 'b' }],
    });
    expect(await post('/timeline', { message: 'n' })).toMatchObject({ id, timeline: [{ message: 'n' }] });
    expect(await post(`/tasks/${taskId}`, {})).toMatchObject({ id, timeline: [{ taskId }] });
    expect(await post(`/tasks/${taskId}`, {})).toEqual({ success: true, id });
    const removed = await api.send('DELETE', `${path}/tasks/${taskId}`, undefined, prefer);
    expect(removed.body).toMatchObject({ success: true, id, timeline: [{ taskId }] });
    expect((await api.patch(path, {})).headers.get('preference-applied')).toBeNull();
  });
});
