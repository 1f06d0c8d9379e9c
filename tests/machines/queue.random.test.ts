// What holds in a queue whatever is asked of it, in whatever order, with restarts in between.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { QueueCommand } from '../../src/domain/commands.ts';
import type { QueueItem } from '../../src/domain/queue.ts';
import { seed } from './chance.ts';
import { playQueue, queueAfter, queueOf, type QueuePlay } from './queue-stage.ts';

type Step = QueueCommand | 'restart';

const taskId = fc.integer({ min: 1, max: 6 }).map((number) => `task_${number}`);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({ type: 'queue.start', at: 0 } as const),
  fc.constant({ type: 'queue.start', at: 0 } as const),
  fc.constant({ type: 'queue.complete', at: 0 } as const),
  fc.constant({ type: 'queue.fail', at: 0, reason: 'tests fail' } as const),
  fc.constant({ type: 'queue.skip', at: 0 } as const),
  fc.constant({ type: 'queue.interrupt', at: 0, reason: 'The session ended' } as const),
  taskId.map((id) => ({ type: 'queue.push', at: 0, taskId: id }) as const),
  fc.record({
    type: fc.constant('queue.remove' as const),
    at: fc.constant(0),
    taskIds: fc.uniqueArray(taskId, { minLength: 1, maxLength: 4 }),
    reason: fc.constantFrom(null, 'Task deleted'),
  }),
  fc.constant('restart' as const),
);

const scenario = fc.record({
  size: fc.integer({ min: 0, max: 4 }),
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
});

/** Judges the queue after a step. */
type Look = (play: QueuePlay, before: QueueItem[], step: Step) => void;

/** Plays the steps, a millisecond apart. */
function playAll({ size, steps }: { size: number; steps: Step[] }, look: Look): void {
  const queue = queueOf(...Array.from({ length: size }, (_, index) => `task_${index + 1}`));
  let play = playQueue(queue);
  steps.forEach((each, index) => {
    const before = play.snapshot.context.items;
    if (each === 'restart') {
      const record = queueAfter(queue, play);
      play.leave();
      play = playQueue(record);
    } else play.send({ ...each, at: 1000 + index });
    look(play, before, each);
  });
  play.leave();
}

/** Every queue that is played is judged by a look of its own. */
const check = (newLook: () => Look): void => {
  fc.assert(
    fc.property(scenario, (played) => {
      playAll(played, newLook());
    }),
    { seed, numRuns: 200 },
  );
};

const indicesOf = (items: QueueItem[], status: QueueItem['status']): number[] =>
  items.flatMap((item, index) => (item.status === status ? [index] : []));

const isClosed = ({ status }: QueueItem): boolean => status !== 'queued' && status !== 'processing';

it(`at most one item is in work, and currentIndex points at it (seed ${seed})`, () => {
  check(() => ({ snapshot: { context } }) => {
    const inWork = indicesOf(context.items, 'processing');
    expect(inWork.length).toBeLessThanOrEqual(1);
    expect(context.currentIndex).toBe(inWork[0] ?? -1);
  });
});

it(`items never vanish and never change their order, and no task is in it twice (seed ${seed})`, () => {
  check(() => ({ snapshot: { context } }, before) => {
    const taskIds = context.items.map((item) => item.taskId);
    expect(taskIds.slice(0, before.length)).toEqual(before.map((item) => item.taskId));
    expect(new Set(taskIds).size).toBe(taskIds.length);
    expect(context.items.length - before.length).toBeLessThanOrEqual(1);
  });
});

it(`the item that starts is the first that waited, behind all that started before it (seed ${seed})`, () => {
  check(() => {
    let last = -1;
    return ({ snapshot: { context } }, before) => {
      const [inWork] = indicesOf(context.items, 'processing');
      if (inWork === undefined || before[inWork]?.status === 'processing') return;
      expect(inWork).toBe(before.findIndex(({ status }) => status === 'queued'));
      expect(inWork).toBeGreaterThan(last);
      last = inWork;
    };
  });
});

it(`the state says what the items say (seed ${seed})`, () => {
  check(() => ({ place, snapshot: { context } }) => {
    const inWork = indicesOf(context.items, 'processing').length > 0;
    const waits = indicesOf(context.items, 'queued').length > 0;
    expect(place).toBe(inWork ? 'processing' : waits ? 'waiting' : 'drained');
  });
});

it(`an outcome is changed only by one late report of the item that an end interrupted (seed ${seed})`, () => {
  check(() => {
    let interrupted: string | undefined;
    return ({ snapshot: { context } }, before, told) => {
      const inWork = before.find(({ status }) => status === 'processing')?.taskId;
      const changed = before.filter(
        (item, index) => isClosed(item) && !isDeepStrictEqual(item, context.items[index]),
      );
      const isReport = told !== 'restart' && (told.type === 'queue.complete' || told.type === 'queue.fail');
      const isLate = isReport && inWork === undefined && interrupted !== undefined;
      expect(changed.map((item) => item.taskId)).toEqual(isLate ? [interrupted] : []);
      const hasStarted = inWork === undefined && context.currentIndex !== -1;
      if (isLate || hasStarted) interrupted = undefined;
      if (told !== 'restart' && told.type === 'queue.interrupt' && inWork) interrupted = inWork;
    };
  });
});

it(`a move tells the items that it changed, and all else tells nothing (seed ${seed})`, () => {
  check(() => {
    let heard = 0;
    return (play, before, told) => {
      if (told === 'restart') heard = 0;
      const changed = play.snapshot.context.items.filter(
        (item, index) => !isDeepStrictEqual(item, before[index]),
      );
      expect(play.told.slice(heard)).toEqual(changed.length > 0 ? [{ type: 'moved', items: changed }] : []);
      if (told === 'restart' || told.type !== 'queue.remove') expect(changed.length).toBeLessThanOrEqual(1);
      heard = play.told.length;
    };
  });
});
