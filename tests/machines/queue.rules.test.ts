// The contract's rules for queues, one by one: what a move does to its item, and that it tells just that item.
import { describe, expect, it } from 'vitest';
import type { QueueItem } from '../../src/domain/queue.ts';
import { commands, playQueue, queueOf, queueRecord, statuses, type QueuePlay } from './queue-stage.ts';

const { start, complete, fail, skip, push, again, remove, interrupt } = commands;

const queue = queueOf('task_1', 'task_2');
const item = { taskId: 'task_1', addedAt: 100 };

const moved = (play: QueuePlay, command: Parameters<QueuePlay['send']>[0]): QueueItem[] =>
  play.send(command).flatMap((told) => told.items);

describe('a move', () => {
  it('start puts the first queued item to work', () => {
    const play = playQueue(queue);
    expect(moved(play, start)).toEqual([{ ...item, status: 'processing', startedAt: 2000 }]);
    expect(play.snapshot.context.currentIndex).toBe(0);
  });

  it('complete closes the item in work', () => {
    const play = playQueue(queue, start);
    expect(moved(play, complete)).toEqual([
      { ...item, status: 'completed', startedAt: 2000, completedAt: 3000 },
    ]);
    expect(play.snapshot.context.currentIndex).toBe(-1);
  });

  it('fail closes the item in work with its reason', () => {
    const play = playQueue(queue, start);
    expect(moved(play, fail)).toEqual([
      { ...item, status: 'failed', startedAt: 2000, completedAt: 3000, failReason: 'tests fail' },
    ]);
    expect(play.snapshot.context.currentIndex).toBe(-1);
  });

  it('skip closes the item in work', () => {
    const play = playQueue(queue, start);
    expect(moved(play, skip)).toEqual([{ ...item, status: 'skipped', startedAt: 2000, completedAt: 3000 }]);
    expect(play.snapshot.context.currentIndex).toBe(-1);
  });

  it('skip closes the first queued item when none is in work', () => {
    const play = playQueue(queue);
    expect(moved(play, skip)).toEqual([{ ...item, status: 'skipped', completedAt: 3000 }]);
    expect(statuses(play)).toEqual(['skipped', 'queued']);
  });

  it('push puts the task at the end', () => {
    const play = playQueue(queue);
    expect(moved(play, push)).toEqual([{ taskId: 'task_new', status: 'queued', addedAt: 3000 }]);
    expect(play.snapshot.context.items.map(({ taskId }) => taskId)).toEqual(['task_1', 'task_2', 'task_new']);
  });

  it('push wakes a queue that is drained', () => {
    const play = playQueue(queueOf(), push);
    expect(play.place).toBe('waiting');
    expect(moved(play, start)).toMatchObject([{ taskId: 'task_new' }]);
  });

  it.each([
    ['waits', playQueueSteps()],
    ['is in work', playQueueSteps(start)],
    ['is completed', playQueueSteps(start, complete)],
    ['was skipped', playQueueSteps(skip)],
    ['failed', playQueueSteps(start, interrupt)],
  ])('push of a task that %s is refused: it is in the queue already', (_, play) => {
    expect(play().can(again)).toBe(false);
  });

  it('start takes up the items one after the other, as they came', () => {
    const play = playQueue(queue, start, complete, start);
    expect(play.snapshot.context.currentIndex).toBe(1);
  });
});

describe('a task that leaves', () => {
  it.each([null, 'Task deleted'])('while it waits is skipped, whatever the reason (%s)', (reason) => {
    const play = playQueue(queue);
    expect(moved(play, { ...remove, reason })).toEqual([{ ...item, status: 'skipped', completedAt: 3000 }]);
  });

  it('while it waits behind the item in work leaves that one alone', () => {
    const play = playQueue(queue, start);
    expect(moved(play, { ...remove, taskIds: ['task_2'] })).toMatchObject([{ taskId: 'task_2' }]);
    expect(play.place).toBe('processing');
    expect(statuses(play)).toEqual(['processing', 'skipped']);
    expect(play.snapshot.context.currentIndex).toBe(0);
  });

  it('with others, in work and waiting, is closed like each alone, in the order of the queue', () => {
    const play = playQueue(queueOf('task_1', 'task_2', 'task_3', 'task_4'), start);
    const reason = 'Task deleted';
    const told = play.send({ ...remove, taskIds: ['task_4', 'task_9', 'task_1', 'task_2'], reason });
    expect(told).toEqual([
      {
        type: 'moved',
        items: [
          { ...item, status: 'failed', failReason: reason, startedAt: 2000, completedAt: 3000 },
          { taskId: 'task_2', addedAt: 100, status: 'skipped', completedAt: 3000 },
          { taskId: 'task_4', addedAt: 100, status: 'skipped', completedAt: 3000 },
        ],
      },
    ]);
    expect(play.place).toBe('waiting');
    expect(statuses(play)).toEqual(['failed', 'skipped', 'queued', 'skipped']);
    expect(play.snapshot.context.currentIndex).toBe(-1);
  });

  it('while it is in work is skipped when no reason is given', () => {
    const play = playQueue(queue, start);
    expect(moved(play, remove)).toMatchObject([{ status: 'skipped', startedAt: 2000, completedAt: 3000 }]);
    expect(play.snapshot.context.currentIndex).toBe(-1);
  });

  it('while it is in work fails with the reason', () => {
    const play = playQueue(queue, start);
    expect(moved(play, { ...remove, reason: 'Task deleted' })).toMatchObject([
      { status: 'failed', failReason: 'Task deleted' },
    ]);
    expect(play.snapshot.context).toMatchObject({ currentIndex: -1, interruptedIndex: -1 });
  });

  it.each([
    ['waiting', playQueueSteps(skip)],
    ['processing', playQueueSteps(skip, start)],
    ['drained', playQueueSteps(start, complete, skip)],
  ])('after its item was closed changes nothing, while the queue is %s', (place, make) => {
    const play = make();
    const { context } = play.snapshot;
    expect(play.place).toBe(place);
    expect(play.can(remove)).toBe(true);
    expect(play.send(remove)).toEqual([]);
    expect(play.snapshot.context).toEqual(context);
  });

  it('and was never in the queue changes nothing', () => {
    const play = playQueue(queue, start);
    expect(play.send({ ...remove, taskIds: ['task_9'], reason: 'Task deleted' })).toEqual([]);
    expect(statuses(play)).toEqual(['processing', 'queued']);
  });
});

describe('a session that ends', () => {
  it('fails the item in work, with a reason that says so; what waits stays queued', () => {
    const play = playQueue(queue, start);
    expect(moved(play, interrupt)).toMatchObject([{ status: 'failed', failReason: 'The session ended' }]);
    expect(statuses(play)).toEqual(['failed', 'queued']);
    expect(play.snapshot.context).toMatchObject({ currentIndex: -1, interruptedIndex: 0 });
  });

  it('leaves a queue alone that has nothing in work', () => {
    expect(playQueue(queue).can(interrupt)).toBe(false);
  });

  it('goes on with what waits when it is resumed', () => {
    const play = playQueue(queue, start, interrupt);
    expect(moved(play, start)).toMatchObject([{ taskId: 'task_2', status: 'processing' }]);
  });
});

describe('a late report of an interrupted item', () => {
  it.each([
    ['complete', complete, { status: 'completed' }],
    ['fail', fail, { status: 'failed', failReason: 'tests fail' }],
  ] as const)('%s is taken once', (_, command, outcome) => {
    const play = playQueue(queue, start, interrupt);
    expect(moved(play, command)).toEqual([{ ...item, startedAt: 2000, completedAt: 3000, ...outcome }]);
    expect(play.can(command)).toBe(false);
    expect(play.place).toBe('waiting');
  });

  it('is taken after a restart too', () => {
    const { interruptedIndex, items } = playQueue(queue, start, interrupt).snapshot.context;
    expect(playQueue(queueRecord({ interruptedIndex, items })).can(complete)).toBe(true);
  });

  it('closes the item in work when another was started since', () => {
    const play = playQueue(queue, start, interrupt, start);
    expect(moved(play, complete)).toMatchObject([{ taskId: 'task_2', status: 'completed' }]);
    expect(play.can(complete)).toBe(false);
    expect(statuses(play)).toEqual(['failed', 'completed']);
  });

  it('is still taken when another item was skipped or pushed since', () => {
    const play = playQueue(queue, start, interrupt, skip, push);
    expect(moved(play, complete)).toMatchObject([{ taskId: 'task_1', status: 'completed' }]);
  });

  it('is refused for an item that failed by itself', () => {
    expect(playQueue(queue, start, fail).can(complete)).toBe(false);
  });
});

describe('a record whose currentIndex disagrees with its items', () => {
  const processing = { ...item, status: 'processing' as const, startedAt: 200 };
  const completed = { ...item, status: 'completed' as const, startedAt: 200, completedAt: 300 };

  it('and has an item in work goes on with that one', () => {
    const play = playQueue(queueRecord({ items: [processing] }));
    expect(play.place).toBe('processing');
    expect(moved(play, complete)).toMatchObject([{ status: 'completed', startedAt: 200 }]);
  });

  it.each([0, 7])('and has none in work (index %i) has none', (currentIndex) => {
    const play = playQueue(queueRecord({ items: [completed], currentIndex }));
    expect(play.place).toBe('drained');
    expect(play.snapshot.context.currentIndex).toBe(-1);
  });
});

function playQueueSteps(...steps: Parameters<QueuePlay['send']>[0][]): () => QueuePlay {
  return () => playQueue(queue, ...steps);
}
