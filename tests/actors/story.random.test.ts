// What holds whatever is asked of sessions, tasks and queues, in whatever order, with lost commits, deadlines and
// restarts in between: relations agree, both layers agree, and a restart finds what clients were told.
import { expect, it } from 'vitest';
import { join } from '../../src/actors/associations.ts';
import { completeCurrent, failCurrent, pushTask, skipItem, startNext } from '../../src/actors/queue-moves.ts';
import { addEntries, changeSession, deleteSession, leaveSession } from '../../src/actors/sessions.ts';
import { deleteTask, updateTask } from '../../src/actors/tasks.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import type { RecordKind } from '../../src/domain/records.ts';
import { hasEnded } from '../../src/domain/session.ts';
import { settle } from '../records/arrange.ts';
import { chance, type Chance } from '../storage/chance.ts';
import { DEADLINE_MS, Harness } from './harness.ts';

const ROUNDS = 40;
const STEPS = 12;
const statuses = ['spawning', 'idle', 'working', 'completed', 'failed', 'stopped'] as const;
const expected = new Set([
  'VALIDATION_ERROR',
  'BUSINESS_RULE_ERROR',
  'TASK_NOT_FOUND',
  'SESSION_NOT_FOUND',
  'CONFLICT',
  'STORAGE_UNAVAILABLE',
  'spawn_error',
  'manifest_generation_failed',
  'task_not_found',
]);

const inJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

/** One command of any kind, to any session or task. */
async function act(harness: Harness, dice: Chance, projectId: string): Promise<unknown> {
  const sessionIds = harness.records.all('session').map(({ id }) => id);
  const taskIds = harness.records.all('task').map(({ id }) => id);
  const [sessionId, taskId] = [dice.pick(['sess_gone', ...sessionIds]), dice.pick(['task_gone', ...taskIds])];
  const some = taskIds.filter(() => dice.below(3) === 0);
  const commands: (() => Promise<unknown>)[] = [
    () => harness.tasks(projectId, 1),
    () =>
      harness.created({
        projectId,
        taskIds: some,
        status: dice.pick(statuses),
        strategy: dice.pick(['simple', 'queue', 'queue']),
        ...(dice.below(3) === 0 && { id: `sess_own_${dice.below(3)}` }),
      }),
    () => harness.spawn(projectId, [taskId], { strategy: dice.pick(['simple', 'queue']) }),
    () => harness.spawns.respawn(sessionId, () => undefined),
    () => harness.tell(sessionId, deleteSession),
    () => harness.records.turn((turn) => deleteTask(turn, harness.directory, taskId)),
    () =>
      harness.records.turn((turn) =>
        updateTask(turn, harness.directory, taskId, {
          sessionIds: sessionIds.filter(() => dice.below(3) === 0),
        }),
      ),
    () => harness.tell(sessionId, (turn, session) => join(turn, session, taskId)),
    () => harness.tell(sessionId, (turn, session) => leaveSession(turn, session, taskId)),
    () => harness.tell(sessionId, (turn, session) => pushTask(turn, session, taskId)),
    () =>
      harness.tell(sessionId, (turn, session) =>
        addEntries(turn, session, [{ type: dice.pick(['progress', 'needs_input']) }]),
      ),
    () =>
      harness.tell(sessionId, (turn, session) => {
        const { needsInput } = changeSession(turn, session, {
          status: dice.pick(statuses),
          taskIds: some,
        }).session;
        if (needsInput?.active && dice.below(2) === 0) throw new MaestroError('CONFLICT', 'changed its mind');
      }),
    () =>
      harness.tell(sessionId, (turn, session) =>
        changeSession(turn, session, { status: dice.pick(statuses) }),
      ),
    ...[startNext, startNext, completeCurrent, skipItem].map((move) => () => harness.tell(sessionId, move)),
    () => harness.tell(sessionId, (turn, session) => failCurrent(turn, session, 'no')),
  ];
  return dice.pick(commands)();
}

/** Runs commands at once, with the disk as it happens to be. @returns the codes of those that were refused. */
async function round(harness: Harness, dice: Chance, projectId: string): Promise<string[]> {
  if (dice.below(3) === 0) harness.storage.hold();
  const steps = Array.from({ length: STEPS }, async () => {
    for (let wait = dice.below(4); wait > 0; wait -= 1) await settle();
    return act(harness, dice, projectId);
  });
  const refusals = Promise.all(steps.map((step) => step.then(() => '', codeOf)));
  for (let wait = dice.below(8); wait > 0; wait -= 1) await settle();
  if (dice.below(2) === 0) harness.clock.advance(dice.pick([1, 20_000, DEADLINE_MS]));
  if (dice.below(4) === 0) harness.storage.lose();
  await settle();
  harness.storage.release();
  harness.storage.mend();
  harness.generator.prompt = true;
  for (const { make } of harness.generator.asked) make();
  // A result that the disk refused is told again when its time comes.
  const over = { is: false };
  void refusals.then(() => (over.is = true));
  await harness.until(() => {
    harness.clock.advance(1);
    return over.is && harness.generator.running === 0;
  });
  harness.generator.prompt = false;
  return (await refusals).filter((code) => code !== '');
}

function codeOf(error: unknown): string {
  if (error instanceof MaestroError) return error.code;
  throw error;
}

function check({ records, storage }: Harness): void {
  for (const session of records.all('session')) {
    for (const taskId of session.taskIds)
      expect(records.get('task', taskId)?.sessionIds, taskId).toContain(session.id);
    expect(hasEnded(session.status), session.id).toBe(session.completedAt !== null);
    const queue = records.get('queue', session.id);
    expect(queue !== undefined, session.id).toBe(session.strategy === 'queue');
    const inWork = queue?.items.findIndex(({ status }) => status === 'processing') ?? -1;
    expect(queue?.currentIndex ?? -1).toBe(inWork);
    if (hasEnded(session.status)) expect(inWork, `${session.id} has ended`).toBe(-1);
    const ids = session.timeline.slice().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  }
  for (const task of records.all('task'))
    for (const id of task.sessionIds) expect(records.get('session', id)?.taskIds, id).toContain(task.id);
  const told = storage.since(0) ?? [];
  expect(told.map(({ fact }) => fact.seq)).toEqual(told.map((_, index) => index + 1));
}

const kinds: RecordKind[] = ['project', 'task', 'session', 'queue'];

const idsOf = (harness: Harness, kind: RecordKind): string[] =>
  harness.records.all(kind).map((record) => ('sessionId' in record ? record.sessionId : record.id));

it('relations, layers and restarts agree whatever is asked, with lost commits and restarts in between', async () => {
  const dice = chance();
  let harness = new Harness();
  const projectId = await harness.project();
  await harness.tasks(projectId, 4);
  const refused = new Set<string>();
  for (let count = 0; count < ROUNDS; count += 1) {
    for (const code of await round(harness, dice, projectId)) refused.add(code);
    check(harness);
    expect(harness.faults).toEqual([]);
    for (const kind of kinds)
      for (const id of idsOf(harness, kind))
        expect(inJson(harness.records.newest(kind, id))).toEqual(inJson(harness.records.get(kind, id)));
    const live = harness.records.all('session').filter(({ status }) => !hasEnded(status));
    await harness.until(() => harness.directory.size <= live.length);
    if (dice.below(4) > 0) continue;
    const before = harness;
    harness = await harness.restart();
    for (const kind of kinds)
      for (const id of idsOf(before, kind))
        expect(inJson(harness.records.get(kind, id))).toEqual(inJson(before.records.get(kind, id)));
    expect(kinds.map((kind) => harness.records.count(kind))).toEqual(
      kinds.map((kind) => before.records.count(kind)),
    );
    expect(harness.directory.size).toBe(live.length);
  }
  expect([...refused].filter((code) => !expected.has(code))).toEqual([]);
  expect(refused).toContain('STORAGE_UNAVAILABLE');
  expect(harness.records.seq).toBeGreaterThan(ROUNDS);
});
