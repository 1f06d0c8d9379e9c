import { expect, it } from 'vitest';
import { join } from '../../src/actors/associations.ts';
import { SESSION_LOG_BYTES, SESSION_TASKS } from '../../src/actors/session-bounds.ts';
import {
  addEntries,
  addEvents,
  answerQuestion,
  changeSession,
  createSession,
} from '../../src/actors/sessions.ts';
import { Log } from '../../src/domain/log.ts';
import type { SessionChange, SessionStatus } from '../../src/domain/session.ts';
import { codeOf } from '../records/arrange.ts';
import { DEADLINE_MS, Harness } from './harness.ts';

async function arrange(status: SessionStatus) {
  const harness = new Harness();
  const id = await harness.created({ status });
  harness.told();
  const change = (wanted: SessionChange) =>
    harness.tell(id, (turn, session) => changeSession(turn, session, wanted));
  return { harness, id, change };
}

it('a session is made with its first entry, and its maker gets it as it is stored', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  harness.told();
  const draft = { projectId, taskIds: [taskId, taskId] };
  const made = await harness.records.turn((turn) =>
    createSession(turn, harness.directory, draft, DEADLINE_MS),
  );
  expect(made).toEqual(harness.session(made.id));
  expect(made.taskIds).toEqual([taskId]);
  expect(harness.story(made.id)).toEqual(['session_started: Session started']);
  expect(harness.told()).toEqual(['session:created', 'session:task_added', 'task:session_added']);
});

it('what a new session names must be there, and its id must be free', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const id = await harness.created({ projectId });
  expect(await codeOf(harness.created({ projectId, id }))).toBe('CONFLICT');
  expect(await codeOf(harness.created({ projectId: 'proj_unknown' }))).toBe('PROJECT_NOT_FOUND');
  expect(await codeOf(harness.created({ projectId, taskIds: ['task_unknown'] }))).toBe('TASK_NOT_FOUND');
  expect(harness.directory.size).toBe(1);
});

it('a change is one commit, told once', async () => {
  const { harness, id, change } = await arrange('idle');
  const { events, timeline } = await change({
    status: 'working',
    name: 'New',
    env: { A: '1' },
    metadata: { note: 'x' },
    events: [{ type: 'tool' }],
    timeline: [{ type: 'progress', message: 'one' }],
    needsInput: { active: true, message: 'Which?' },
  });
  expect(harness.told()).toEqual(['session:updated']);
  expect([events.length, timeline.length]).toEqual([1, 2]);
  expect(harness.session(id)).toMatchObject({
    status: 'working',
    name: 'New',
    env: { A: '1' },
    metadata: { note: 'x' },
    needsInput: { active: true, message: 'Which?', entryId: timeline[1]?.id },
  });
});

it('env and metadata merge into what is there', async () => {
  const { harness, id, change } = await arrange('idle');
  await change({ env: { A: '1', B: '1' }, metadata: { a: 1, b: 1 } });
  await change({ env: { B: '2' }, metadata: { b: 2 } });
  expect(harness.session(id)).toMatchObject({ env: { A: '1', B: '2' }, metadata: { a: 1, b: 2 } });
});

it('entries and events whose id is there already are not added twice', async () => {
  const { harness, id } = await arrange('idle');
  const report = (ids: string[]) =>
    harness.tell(id, (turn, session) => [
      addEntries(
        turn,
        session,
        ids.map((each) => ({ id: each, type: 'progress' })),
      ).length,
      addEvents(
        turn,
        session,
        ids.map((each) => ({ id: each, type: 'tool' })),
      ).length,
    ]);
  expect(await report(['a', 'b', 'a'])).toEqual([2, 2]);
  expect(await report(['b', 'c'])).toEqual([1, 1]);
  expect(
    harness
      .session(id)
      .events.slice()
      .map((event) => event.id),
  ).toEqual(['a', 'b', 'c']);
});

it('reports are taken in every state, also in ended ones', async () => {
  for (const status of ['spawning', 'idle', 'working', 'completed', 'failed', 'stopped'] as const) {
    const { harness, id } = await arrange(status);
    await harness.tell(id, (turn, session) => addEvents(turn, session, [{ type: 'hook' }]));
    await harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'progress' }]));
    expect(harness.session(id).events.length).toBe(1);
    expect(harness.session(id).status).toBe(status);
  }
});

it('an end is told on the timeline, a resume too, and a correction keeps the time of the end', async () => {
  const { harness, id, change } = await arrange('working');
  await change({ status: 'completed' });
  const { completedAt } = harness.session(id);
  expect(completedAt).toBe(harness.clock.now());
  expect(harness.story(id).at(-1)).toMatch(/^session_stopped: /);
  harness.clock.advance(1_000);
  await change({ status: 'failed' });
  expect(harness.session(id)).toMatchObject({ status: 'failed', completedAt });
  await change({ status: 'working' });
  expect(harness.session(id)).toMatchObject({ status: 'working', completedAt: null });
  expect(harness.story(id).at(-1)).toBe('session_started: Session resumed');
});

it('an answer names the question, and there is none without one', async () => {
  const { harness, id, change } = await arrange('working');
  const answer = () => harness.tell(id, (turn, session) => answerQuestion(turn, session, 'This one'));
  expect(await codeOf(answer())).toBe('BUSINESS_RULE_ERROR');
  const { timeline } = await change({ needsInput: { active: true, message: 'Which?' } });
  const { timeline: answers } = await answer();
  expect(answers[0]).toMatchObject({
    type: 'progress',
    message: 'This one',
    metadata: { answerTo: timeline[0]?.id },
  });
  expect(harness.session(id).needsInput).toEqual({ active: false });
  expect(await codeOf(answer())).toBe('BUSINESS_RULE_ERROR');
});

it('a session takes no more tasks, entries and events than it may hold, and can be moved when it is full', async () => {
  const { harness, id, change } = await arrange('working');
  const { projectId } = harness.session(id);
  const [more = ''] = await harness.tasks(projectId, 1);
  await harness.records.turn((turn) => {
    const full = Array.from({ length: SESSION_TASKS }, (_, index) => `full_${index}`);
    const timeline = [
      { id: 'evt_0', type: 'progress', timestamp: 1, message: 'x'.repeat(SESSION_LOG_BYTES - 200) },
    ];
    turn.put('session', { ...harness.session(id), taskIds: full, timeline: Log.from(timeline) });
  });
  const refused: [SessionChange, string][] = [
    [{ timeline: [{ type: 'progress', message: 'x'.repeat(300) }] }, 'timeline'],
    [{ events: [{ type: 'e', data: 'x'.repeat(300) }] }, 'events'],
  ];
  for (const [wanted, field] of refused)
    await expect(change(wanted)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { [field]: expect.any(String) },
    });
  const joining = harness.tell(id, (turn, session) => join(turn, session, more));
  await expect(joining).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    details: { taskId: expect.any(String) },
  });
  await change({ status: 'completed' });
  expect(harness.session(id).status).toBe('completed');
});

it('a change of what is not a task looks at none of them', async () => {
  const { harness, id, change } = await arrange('working');
  await harness.records.turn((turn) =>
    turn.put('session', { ...harness.session(id), taskIds: ['task_gone', 'task_lost'] }),
  );
  harness.told();
  await change({ name: 'New' });
  expect(harness.session(id).taskIds).toEqual(['task_gone', 'task_lost']);
});

it('many tasks that join and leave are one change of the session and one of each task', async () => {
  const { harness, id, change } = await arrange('working');
  const taskIds = await harness.tasks(harness.session(id).projectId, 50);
  for (const wanted of [taskIds, []]) {
    harness.commits.length = 0;
    await change({ taskIds: wanted });
    const changed = harness.commits.flatMap(({ images }) => images.map(({ kind }) => kind));
    expect(changed.filter((kind) => kind === 'task')).toHaveLength(50);
    expect(changed.filter((kind) => kind === 'session')).toHaveLength(1);
    expect(harness.session(id).taskIds).toEqual(wanted);
  }
  expect(harness.session(id).timeline.length).toBe(1 + 100);
});
