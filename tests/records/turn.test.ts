import { expect, it } from 'vitest';
import type { FactType } from '../../src/domain/facts.ts';
import { Log } from '../../src/domain/log.ts';
import type { TimelineEntry } from '../../src/domain/timeline.ts';
import { newTables } from '../../src/records/table.ts';
import { Turn } from '../../src/records/turn.ts';
import { arrange, countedIds, NOW, project, queue, session, task } from './arrange.ts';

const entry = (id: string): TimelineEntry => ({ id, type: 'progress', timestamp: NOW });

/** Every order that these can be told in comes out the same. */
const ranks: FactType[][] = [
  ['session:spawn'],
  ['project:created', 'task:created', 'session:created', 'queue:created', 'template:created'],
  ['session:task_added', 'session:task_removed', 'task:session_added', 'task:session_removed'],
  [
    'queue:item_started',
    'queue:item_completed',
    'queue:item_failed',
    'queue:item_skipped',
    'queue:item_pushed',
  ],
  ['project:updated', 'template:updated'],
  ['task:updated'],
  ['session:updated'],
  ['queue:updated'],
  ['session:deleted', 'task:deleted', 'project:deleted', 'template:deleted'],
];

it('a throw takes everything back: new, changed and dropped records, and the indexes over them', async () => {
  const { records } = arrange();
  await records.turn((turn) => {
    turn.put('task', task('task_a'));
    turn.put('task', task('task_b', { parentId: 'task_a' }));
  });
  const refused = records.turn((turn) => {
    turn.put('task', task('task_c', { parentId: 'task_a' }));
    turn.put('task', task('task_a', { parentId: 'task_c', title: 'Changed' }));
    turn.put('task', task('task_a', { parentId: 'task_b', title: 'Changed again' }));
    turn.drop('task', 'task_b');
    throw new Error('in the middle');
  });
  await expect(refused).rejects.toThrow('in the middle');
  await records.turn((turn) => {
    expect(turn.find('task', 'task_a')?.title).toBe('A task');
    expect(turn.find('task', 'task_c')).toBeUndefined();
    expect(turn.listed('task', 'parent:task_a').map(({ id }) => id)).toEqual(['task_b']);
    expect(turn.listed('task', 'parent:').map(({ id }) => id)).toEqual(['task_a']);
    expect(turn.count('task', 'parent:task_b')).toBe(0);
    expect(turn.count('task', 'parent:task_c')).toBe(0);
    expect(turn.count('task', 'project:proj_a')).toBe(2);
  });
});

it('a turn sees what it put itself', async () => {
  const { records } = arrange();
  await records.turn((turn) => {
    turn.put('session', session('sess_a', { status: 'working' }));
    expect(turn.find('session', 'sess_a')?.status).toBe('working');
    expect(turn.count('session', 'status:working')).toBe(1);
    turn.drop('session', 'sess_a');
    expect(turn.find('session', 'sess_a')).toBeUndefined();
    expect(turn.count('session', 'status:working')).toBe(0);
  });
});

it('facts come from what changed: one for each record, with its project', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => {
    turn.put('project', project('proj_a'));
    turn.put('task', task('task_a'));
    turn.put('task', task('task_b'));
  });
  await records.turn((turn) => {
    turn.put('task', task('task_a', { title: 'One' }));
    turn.put('task', task('task_a', { title: 'Two' }));
    turn.drop('task', 'task_b');
  });
  expect(commits.map(({ facts }) => facts)).toEqual([
    [
      { seq: 1, type: 'project:created', kind: 'project', id: 'proj_a', projectId: 'proj_a' },
      { seq: 2, type: 'task:created', kind: 'task', id: 'task_a', projectId: 'proj_a' },
      { seq: 3, type: 'task:created', kind: 'task', id: 'task_b', projectId: 'proj_a' },
    ],
    [
      { seq: 4, type: 'task:updated', kind: 'task', id: 'task_a', projectId: 'proj_a' },
      { seq: 5, type: 'task:deleted', kind: 'task', id: 'task_b', projectId: 'proj_a' },
    ],
  ]);
  expect(commits[1]?.images.map(({ record }) => record)).toEqual([task('task_a', { title: 'Two' }), null]);
});

it('a record that is made and dropped in one turn leaves no trace', async () => {
  const { records, commits, disk } = arrange();
  await records.turn((turn) => {
    turn.put('task', task('task_a'));
    turn.drop('task', 'task_a');
  });
  expect(commits).toEqual([]);
  expect(disk.commits).toEqual([]);
});

it('what is put quietly is stored and not told', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => turn.put('session', session('sess_a'), { quietly: true }));
  expect(commits.map(({ facts, changes }) => [facts.length, changes.length])).toEqual([[0, 1]]);
  expect(records.get('session', 'sess_a')).toBeDefined();
  expect(records.seq).toBe(0);
});

it('one put that is not quiet tells the record, whatever was put quietly beside it', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => {
    turn.put('session', session('sess_a'), { quietly: true });
    turn.put('session', session('sess_a', { name: 'Told' }));
    turn.put('session', session('sess_a', { name: 'At last' }), { quietly: true });
  });
  expect(commits.flatMap(({ facts }) => facts.map(({ type }) => type))).toEqual(['session:created']);
  expect(records.get('session', 'sess_a')?.name).toBe('At last');
});

it('answers are never told, nor a queue that goes with its session', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => {
    turn.put('answer', { id: 'a'.repeat(64), bodyHash: 'b', status: 200, createdAt: NOW });
    turn.put('queue', queue('sess_a'));
  });
  await records.turn((turn) => {
    turn.drop('answer', 'a'.repeat(64));
    turn.drop('queue', 'sess_a');
  });
  expect(commits.flatMap(({ facts }) => facts.map(({ type }) => type))).toEqual(['queue:created']);
  expect(commits).toHaveLength(2);
});

it('facts are told in the order of their ranks, within a rank as they were told', () => {
  const types = ranks.flat();
  const order = (told: FactType[]): FactType[] => {
    const turn = new Turn(newTables(), NOW, countedIds());
    for (const type of told) turn.tell({ type, kind: 'task', id: 'task_a', projectId: null });
    return turn.close(1, 0)?.facts.map(({ type }) => type) ?? [];
  };
  expect(order(types)).toEqual(types);
  expect(order(types.toReversed())).toEqual(ranks.flatMap((rank) => rank.toReversed()));
});

it('facts that are told by hand come before the changes of a later rank', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => turn.put('session', session('sess_a')));
  await records.turn((turn) => {
    turn.put('session', session('sess_a', { name: 'Changed' }));
    turn.put('task', task('task_a'));
    turn.tell({ type: 'session:spawn', kind: 'session', id: 'sess_a', projectId: 'proj_a' });
  });
  expect(commits[1]?.facts.map(({ seq, type }) => [seq, type])).toEqual([
    [2, 'session:spawn'],
    [3, 'task:created'],
    [4, 'session:updated'],
  ]);
});

it('a record that is told by hand and has changed too is told once', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => turn.put('task', task('task_a')));
  await records.turn((turn) => {
    turn.tell({ type: 'task:updated', kind: 'task', id: 'task_a', projectId: 'proj_a' });
    turn.put('task', task('task_a', { title: 'Changed' }));
  });
  expect(commits[1]?.facts.map(({ type }) => type)).toEqual(['task:updated']);
});

it('a turn that tells something and changes nothing is a commit', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) =>
    turn.tell({ type: 'task:session_added', kind: 'task', id: 'task_a', projectId: null }),
  );
  expect(commits.map(({ facts, changes }) => [facts.length, changes.length])).toEqual([[1, 0]]);
});

it('nothing is committed when nothing changed', async () => {
  const { records, commits, disk } = arrange();
  await records.turn((turn) => turn.put('session', session('sess_a')));
  await records.turn((turn) => {
    const same = turn.find('session', 'sess_a');
    if (same) turn.put('session', { ...same });
    turn.drop('task', 'task_unknown');
  });
  expect(commits).toHaveLength(1);
  expect(disk.commits).toHaveLength(1);
});

it('all that a turn changes has one time', async () => {
  const { records, commits } = arrange();
  const at = await records.turn((turn) => {
    turn.put('task', task('task_a'));
    return turn.at;
  });
  expect(at).toBe(NOW);
  expect(commits[0]?.at).toBe(NOW);
});

it('a commit does not change when later turns change its records', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => {
    turn.put('session', session('sess_a', { timeline: Log.from([entry('evt_1')]) }));
    turn.put('queue', queue('sess_a', { items: [{ taskId: 'task_a', status: 'queued', addedAt: NOW }] }));
  });
  const add = (id: string) =>
    records.turn((turn) => {
      const record = turn.find('session', 'sess_a');
      if (record) turn.put('session', { ...record, timeline: record.timeline.append([entry(id)]) });
      const waiting = turn.find('queue', 'sess_a');
      const item = { taskId: id, status: 'queued' as const, addedAt: NOW };
      if (waiting) turn.put('queue', { ...waiting, items: [...waiting.items, item] });
    });
  await add('evt_2');
  const before = JSON.stringify(commits);
  await add('evt_3');
  await records.turn((turn) => turn.drop('session', 'sess_a'));
  expect(JSON.stringify(commits.slice(0, 2))).toBe(before);
});
