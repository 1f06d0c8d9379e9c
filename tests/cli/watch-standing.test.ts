import { describe, expect, it } from 'vitest';
import { failedShownMs, progressOf, taskOf } from '../../src/cli/watch/standing.ts';
import { stateOf } from '../../src/cli/watch/session-row.ts';
import { asking, now, rowWith, standingOf } from './watch-rows.ts';

const updated = (id: string, changes: object, timeline: object[] = []) => ({
  type: 'session:updated',
  timestamp: now,
  data: { id, changes, appended: { timeline } },
});

describe('the sessions on the board', () => {
  it('stand in the order in which they need a person, the longest wait first', () => {
    const standing = standingOf([
      rowWith('idle'),
      rowWith('spawning', { status: 'spawning' }),
      rowWith('working', { status: 'working' }),
      rowWith('overdue', { status: 'spawning', overdue: true }),
      rowWith('failed', { status: 'failed' }),
      rowWith('asks', { ...asking('Now?') }),
      rowWith('asked', { ...asking('Before?'), since: now - 9000 }),
    ]);
    expect(standing.rows(now).map(({ id }) => id)).toEqual([
      ...['asked', 'asks', 'failed', 'overdue', 'working', 'spawning', 'idle'],
    ]);
  });

  it('leave it when they end; those that failed stay for a while', () => {
    const standing = standingOf([rowWith('a'), rowWith('b'), rowWith('c')]);
    standing.hear(updated('a', { status: 'completed' }));
    standing.hear(updated('b', { status: 'failed' }));
    standing.hear({ type: 'session:deleted', data: { id: 'c' } });
    expect(standing.rows(now + failedShownMs).map(({ id }) => id)).toEqual(['b']);
    expect(standing.rows(now + failedShownMs + 1)).toEqual([]);
  });

  it('follow what is told: question, answer, report; a new state begins when it is told', () => {
    const standing = standingOf([rowWith('a', { status: 'working' })]);
    const entry = { id: 'evt_1', type: 'progress', timestamp: now, message: 'half' };
    standing.hear(updated('a', {}, [entry]));
    expect(standing.row('a')).toMatchObject({ last: { message: 'half' }, since: now - 1000 });
    standing.hear(updated('a', { needsInput: { active: true, message: 'Red?' } }));
    const [row = rowWith('none')] = standing.rows(now);
    expect([stateOf(row), row.question, row.since]).toEqual(['needs input', 'Red?', now]);
    standing.hear(updated('a', { needsInput: { active: false } }));
    expect(standing.row('a')?.question).toBeNull();
  });

  it('are read anew when one is told of that was taken up again', () => {
    const standing = standingOf([]);
    expect(standing.hear(updated('old', { status: 'working' }))).toBe(true);
    expect(standing.hear(updated('old', { name: 'Other' }))).toBe(false);
    expect(standing.hear(updated('old', { status: 'stopped' }))).toBe(false);
  });

  it('come with their creation and their spawn, from which nothing but sessions is taken', () => {
    const session = { id: 'a', name: 'A', status: 'spawning', startedAt: now, timeline: [] };
    const standing = standingOf([]);
    standing.hear({ type: 'session:spawn', data: { session } });
    standing.hear({ type: 'session:created', data: { ...session, id: 'b' } });
    standing.hear({ type: 'session:created', data: { id: 'c' } });
    expect(standing.rows(now).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('a queue', () => {
  const item = (taskId: string, status: string) => ({ taskId, status });

  it('shows how much of it is over and what is in work', () => {
    const standing = standingOf([rowWith('a', { strategy: 'queue', taskIds: ['t1', 't2'] })]);
    standing.hear({
      type: 'queue:updated',
      data: {
        sessionId: 'a',
        queue: { items: [item('t1', 'failed'), item('t2', 'processing'), item('t3', 'queued')] },
      },
    });
    expect(progressOf(standing.queueOf('a'))).toBe('1/3');
    expect(taskOf(rowWith('a', { taskIds: ['t1'] }), standing.queueOf('a'))).toBe('t2');
    standing.hear({ type: 'queue:updated', data: { sessionId: 'unseen', queue: { items: [] } } });
    expect(standing.queueOf('unseen')).toBeUndefined();
  });

  it('is not needed: else it is the task last spoken of, or the first', () => {
    const last = { id: 'evt_1', type: 'progress', timestamp: now, taskId: 't2' };
    expect(taskOf(rowWith('a', { taskIds: ['t1', 't2'], last }), undefined)).toBe('t2');
    expect(taskOf(rowWith('a', { taskIds: ['t1', 't2'] }), undefined)).toBe('t1');
    expect(taskOf(rowWith('a'), undefined)).toBeUndefined();
  });
});

describe('the titles of tasks', () => {
  it('are wanted for what is shown, once, and again when they could not be had', () => {
    const rows = [rowWith('a', { taskIds: ['t1'] }), rowWith('b', { taskIds: ['t2'] })];
    const standing = standingOf(rows);
    expect(standing.untitled(undefined)).toEqual(['t1', 't2']);
    standing.setTitle('t1', 'Prune');
    standing.setTitle('t2', 't2');
    expect(standing.untitled(undefined)).toEqual([]);
    standing.hear({ type: 'task:updated', data: { id: 't1', title: 'Prune all' } });
    standing.replace({ rows, queues: new Map() });
    expect(standing.titleOf('t1')).toBe('Prune all');
    expect(standing.untitled(undefined)).toEqual(['t2']);
  });
});

it('keeps a bounded number of titles, those that are shown among them', () => {
  const standing = standingOf([rowWith('a', { taskIds: ['shown'] })]);
  standing.setTitle('shown', 'Shown');
  for (let at = 0; at < 10_000; at++) standing.setTitle(`task_${at}`, `Title ${at}`);
  const kept = Array.from({ length: 10_000 }, (_, at) => standing.titleOf(`task_${at}`)).filter(Boolean);
  expect(kept.length).toBeLessThanOrEqual(2_000);
  expect(kept.at(-1)).toBe('Title 9999');
  expect(standing.titleOf('shown')).toBe('Shown');
});
