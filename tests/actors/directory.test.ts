import { expect, it } from 'vitest';
import { addEntries, changeSession, createSession, deleteSession } from '../../src/actors/sessions.ts';
import { updateTask } from '../../src/actors/tasks.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import { codeOf, settle } from '../records/arrange.ts';
import { DEADLINE_MS, Harness } from './harness.ts';

const end = (harness: Harness, id: string) =>
  harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'completed' }));

const report = (harness: Harness, id: string) =>
  harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'progress', message: 'late' }]));

it('there is one supervisor for a session, and none for what is not there', async () => {
  const harness = new Harness();
  const id = await harness.created();
  expect(harness.directory.find(id)).toBe(harness.directory.find(id));
  expect(harness.directory.size).toBe(1);
  expect(() => harness.directory.find('sess_unknown')).toThrow('Session sess_unknown not found');
  expect(harness.directory.size).toBe(1);
});

it('a session that has ended retires, wakes with the next command, and retires again', async () => {
  const harness = new Harness();
  const id = await harness.created();
  await end(harness, id);
  await settle();
  expect(harness.directory.size).toBe(0);
  await report(harness, id);
  expect(harness.story(id).at(-1)).toBe('progress: late');
  await settle();
  expect(harness.directory.size).toBe(0);
});

it('a session that is made as ended retires, too', async () => {
  const harness = new Harness();
  await harness.created({ status: 'stopped' });
  await settle();
  expect(harness.directory.size).toBe(0);
});

it('an ended session retires again after a command that is refused, and after one that changes nothing', async () => {
  const harness = new Harness();
  const id = await harness.created({ status: 'failed' });
  await settle();
  const refused = harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'spawning' }));
  expect(await codeOf(refused)).toBe('BUSINESS_RULE_ERROR');
  await settle();
  expect(harness.directory.size).toBe(0);
  await harness.tell(id, (turn, session) => session.can({ type: 'session.work', at: turn.at }));
  await settle();
  expect(harness.directory.size).toBe(0);
});

it('a turn that only looks at an ended session leaves no supervisor', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  const id = await harness.created({ projectId, taskIds: [taskId], status: 'completed' });
  await settle();
  await harness.records.turn((turn) =>
    updateTask(turn, harness.directory, taskId, { title: 'New', sessionIds: [id] }),
  );
  await settle();
  expect(harness.directory.size).toBe(0);
});

it('a session that is resumed at once does not retire', async () => {
  const harness = new Harness();
  const id = await harness.created();
  const supervisor = harness.directory.find(id);
  const resume = () =>
    harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'working' }));
  await Promise.all([end(harness, id), resume()]);
  await settle();
  expect(harness.directory.find(id)).toBe(supervisor);
  expect(supervisor.isAwake).toBe(true);
  expect(harness.session(id).status).toBe('working');
});

it('an ended session stays while commands wait for it', async () => {
  const harness = new Harness();
  const id = await harness.created();
  const supervisor = harness.directory.find(id);
  await end(harness, id);
  harness.storage.hold();
  const late = [report(harness, id), report(harness, id)];
  await settle();
  expect(harness.directory.find(id)).toBe(supervisor);
  harness.storage.release();
  await Promise.all(late);
  await settle();
  expect(harness.directory.size).toBe(0);
});

it('an end that is not durable yet does not let the session retire', async () => {
  const harness = new Harness();
  const id = await harness.created({ status: 'spawning' });
  harness.storage.hold();
  const ended = end(harness, id);
  await settle();
  expect(harness.directory.size).toBe(1);
  harness.storage.lose();
  expect(await codeOf(ended)).toBe('STORAGE_UNAVAILABLE');
  await harness.until(() => harness.clock.waitedFor.length === 1);
  expect(harness.directory.find(id).isAwake).toBe(true);
});

it('a session that another’s turn ended does not retire before that is durable', async () => {
  const harness = new Harness();
  const id = await harness.created({ status: 'spawning' });
  const supervisor = harness.directory.find(id);
  harness.storage.hold();
  const ended = harness.records.turn((turn) => changeSession(turn, supervisor, { status: 'stopped' }));
  const refusal = harness.storage.refusal.bind(harness.storage);
  harness.storage.refusal = () => new MaestroError('OVERLOADED', 'too much waits');
  expect(await codeOf(report(harness, id))).toBe('OVERLOADED');
  harness.storage.refusal = refusal;
  await settle();
  expect(harness.directory.find(id)).toBe(supervisor);
  harness.storage.lose();
  expect(await codeOf(ended)).toBe('STORAGE_UNAVAILABLE');
  await harness.until(() => harness.clock.waitedFor.length === 1);
  expect(harness.directory.find(id)).toBe(supervisor);
});

it('commands that wait behind a deletion are told so, and nothing stays of the session', async () => {
  const harness = new Harness();
  const [id, other] = [await harness.created(), await harness.created()];
  const gone = harness.tell(id, deleteSession);
  const behind = [1, 2, 3].map(() => codeOf(report(harness, id)));
  await gone;
  // Another session's commit keeps the refusals waiting, until after the deleted one was looked at.
  harness.storage.hold();
  const beside = report(harness, other);
  for (let round = 0; round < 5; round += 1) await settle();
  harness.storage.release();
  await beside;
  expect(await Promise.all(behind)).toEqual(behind.map(() => 'SESSION_NOT_FOUND'));
  await settle();
  expect(harness.directory.size).toBe(1);
});

it('many sessions that come and go leave nothing behind', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const taskIds = await harness.tasks(projectId, 2);
  for (let round = 0; round < 20; round += 1) {
    const ids = await Promise.all(
      Array.from({ length: 10 }, () =>
        harness.created({ projectId, taskIds, strategy: 'queue', status: 'spawning' }),
      ),
    );
    await Promise.all(ids.map((id) => harness.tell(id, deleteSession)));
  }
  await settle();
  expect(harness.directory.size).toBe(0);
  expect(harness.clock.waitedFor).toEqual([]);
  expect(harness.records.count('session') + harness.records.count('queue')).toBe(0);
  expect(harness.task(taskIds[0] ?? '').sessionIds).toEqual([]);
});

it('a creation that is lost leaves no supervisor', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  harness.storage.hold();
  const lost = harness.created({ projectId, id: 'sess_mine', status: 'spawning' });
  const behind = harness.created({ projectId, id: 'sess_mine' });
  await settle();
  expect(harness.directory.size).toBe(1);
  harness.storage.lose();
  expect(await Promise.all([lost, behind].map(codeOf))).toEqual([
    'STORAGE_UNAVAILABLE',
    'STORAGE_UNAVAILABLE',
  ]);
  await settle();
  expect(harness.directory.size).toBe(0);
  expect(() => harness.directory.find('sess_mine')).toThrow('not found');
});

it('a deletion that is lost leaves the session alive', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const [taskId = ''] = await harness.tasks(projectId, 1);
  const id = await harness.created({ projectId, taskIds: [taskId], status: 'spawning' });
  const supervisor = harness.directory.find(id);
  harness.storage.hold();
  const gone = harness.tell(id, deleteSession);
  await settle();
  expect(harness.clock.waitedFor).toEqual([]);
  harness.storage.lose();
  expect(await codeOf(gone)).toBe('STORAGE_UNAVAILABLE');
  await harness.until(() => harness.clock.waitedFor.length === 1);
  expect(harness.directory.find(id)).toBe(supervisor);
  expect(harness.task(taskId).sessionIds).toEqual([id]);
});

it('a session that is made again under the id of one that just went has that one supervisor', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const id = await harness.created({ projectId, id: 'sess_mine', status: 'spawning' });
  const supervisor = harness.directory.find(id);
  harness.storage.hold();
  const gone = harness.tell(id, deleteSession);
  const behind = report(harness, id);
  const again = harness.created({ projectId, id, status: 'spawning' });
  await settle();
  expect(harness.directory.find(id)).toBe(supervisor);
  harness.storage.release();
  await Promise.all([gone, again, behind]);
  await harness.until(() => harness.clock.waitedFor.length === 0);
  expect(harness.session(id).phase).toBe('heard');
  expect(harness.directory.find(id)).toBe(supervisor);
  expect(harness.directory.size).toBe(1);
});

it('both of a lost deletion and the creation behind it under one id leave one supervisor', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const id = await harness.created({ projectId, id: 'sess_mine', status: 'spawning' });
  harness.storage.hold();
  const lost = [harness.tell(id, deleteSession), harness.created({ projectId, id, status: 'spawning' })];
  await settle();
  harness.storage.lose();
  expect(await Promise.all(lost.map(codeOf))).toEqual(['STORAGE_UNAVAILABLE', 'STORAGE_UNAVAILABLE']);
  await settle();
  expect(harness.clock.waitedFor).toHaveLength(1);
  expect(harness.directory.size).toBe(1);
});

it('after a start, those that have not ended come alive', async () => {
  const harness = new Harness();
  const live = await harness.created({ status: 'working' });
  await harness.created({ status: 'completed' });
  const again = await harness.restart();
  expect(again.directory.size).toBe(1);
  expect(again.directory.find(live).isAwake).toBe(true);
});

it('a closed directory finds nobody and lets nobody in', async () => {
  const harness = new Harness();
  const projectId = await harness.project();
  const id = await harness.created({ projectId });
  harness.directory.close();
  expect(() => harness.directory.find(id)).toThrow('the server is stopping');
  const draft = { projectId, taskIds: [], status: 'spawning' as const };
  const late = harness.records.turn((turn) => createSession(turn, harness.directory, draft, DEADLINE_MS));
  expect(await codeOf(late)).toBe('STORAGE_UNAVAILABLE');
});
