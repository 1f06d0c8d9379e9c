// Queues and sessions that lost each other find together at start, and it is said.
import { expect, it } from 'vitest';
import { Log } from '../../src/domain/log.ts';
import type { Session } from '../../src/domain/session.ts';
import type { TimelineEntry } from '../../src/domain/timeline.ts';
import { repairQueues } from '../../src/records/repair-queues.ts';
import { newTables, setIn } from '../../src/records/table.ts';
import { Turn } from '../../src/records/turn.ts';
import { Unread } from '../../src/storage/unread.ts';
import { countedIds, NOW, queue, session } from './arrange.ts';

const entry = (type: string, taskId: string, timestamp: number, message = 'm'): TimelineEntry => ({
  id: `evt_${timestamp}`,
  type,
  timestamp,
  taskId,
  message,
});

function turnOn(sessions: Session[], queueIds: string[] = []): Turn {
  const tables = newTables();
  for (const each of sessions) setIn(tables, 'session', each.id, each);
  for (const id of queueIds) setIn(tables, 'queue', id, queue(id));
  return new Turn(tables, NOW, countedIds());
}

const lost = (more: Partial<Session> = {}): Session =>
  session('sess_a', {
    strategy: 'queue',
    status: 'working',
    taskIds: ['task_1', 'task_2', 'task_3', 'task_4', 'task_5'],
    timeline: Log.from([
      entry('task_started', 'task_1', 1),
      entry('task_completed', 'task_1', 2),
      entry('task_started', 'task_2', 3),
      entry('task_failed', 'task_2', 4, 'Task failed: Two (broken)'),
      entry('task_skipped', 'task_3', 5),
      entry('task_started', 'task_4', 6),
      entry('progress', 'task_4', 7),
    ]),
    ...more,
  });

const statuses = (turn: Turn): unknown => turn.find('queue', 'sess_a')?.items.map(({ status }) => status);

it('a session of strategy queue without a queue gets the one that its timeline tells of', () => {
  const turn = turnOn([lost()]);
  const mended = repairQueues(turn, { sessionIds: ['sess_a'], queueIds: [], unread: new Unread() });
  expect(mended).toEqual([expect.stringMatching(/session sess_a had no queue.* 1 of its tasks wait/)]);
  expect(statuses(turn)).toEqual(['completed', 'failed', 'skipped', 'processing', 'queued']);
  expect(turn.find('queue', 'sess_a')).toMatchObject({ currentIndex: 3, interruptedIndex: -1 });
  expect(turn.close(1, 0)?.facts).toMatchObject([{ type: 'queue:created', projectId: 'proj_a' }]);
  expect(repairQueues(turn, { sessionIds: ['sess_a'], queueIds: ['sess_a'], unread: new Unread() })).toEqual(
    [],
  );
});

it('in an ended session nothing is in work', () => {
  const turn = turnOn([lost({ status: 'stopped' })]);
  repairQueues(turn, { sessionIds: ['sess_a'], queueIds: [], unread: new Unread() });
  expect(statuses(turn)).toEqual(['completed', 'failed', 'skipped', 'queued', 'queued']);
});

it('a queue without a session goes, unless its session is there and could not be read', () => {
  const turn = turnOn([session('sess_b')], ['sess_a', 'sess_c']);
  const unread = new Unread();
  unread.add('session/sess_c');
  const found = { sessionIds: ['sess_b'], queueIds: ['sess_a', 'sess_c'], unread };
  expect(repairQueues(turn, found)).toEqual(['queue sess_a had no session; it was removed']);
  expect([turn.find('queue', 'sess_a'), turn.find('queue', 'sess_c')?.sessionId]).toEqual([
    undefined,
    'sess_c',
  ]);
});

it('a queue that could not be read is not made anew, and a session of another strategy gets none', () => {
  const turn = turnOn([lost(), session('sess_b')]);
  const unread = new Unread();
  unread.add('queue/sess_a');
  const found = { sessionIds: ['sess_a', 'sess_b'], queueIds: [], unread };
  expect(repairQueues(turn, found)).toEqual([]);
});
