// Every state of the queue's chart, every command in it, and a restart from it.
import { describe, expect, it } from 'vitest';
import { getShortestPaths } from 'xstate/graph';
import type { QueueCommand } from '../../src/domain/commands.ts';
import { queueMachine } from '../../src/machines/queue.machine.ts';
import { commands, playQueue, queueAfter, queueOf, type QueuePlay } from './queue-stage.ts';
import { innermost, placesOf } from './stage.ts';
import { tableOf, type Row } from './table.ts';

/** A state, and what else decides there: whether this is the last item, whether a session's end interrupted one. */
const table = tableOf(`
                        start       complete  fail     skip     push        again  remove   interrupt
  waiting               processing  -         -        =        =           -      =        -
  waiting/last          processing  -         -        drained  =           -      drained  -
  waiting/interrupted   processing  =         =        drained  =           -      =        -
  processing            -           waiting   waiting  waiting  =           -      waiting  waiting
  processing/last       -           drained   drained  drained  =           -      drained  drained
  drained               -           -         -        -        waiting     -      =        -
  drained/interrupted   -           =         =        -        waiting     -      =        -
`);

type Snapshot = QueuePlay['snapshot'];

/** The row of the table that a snapshot belongs to, for queues of one task or two. */
function rowOf({ value, context }: Snapshot): string {
  const place = innermost(value);
  const waiting = context.items.filter(({ status }) => status === 'queued').length;
  if (place !== 'processing' && context.interruptedIndex !== -1) return `${place}/interrupted`;
  if (place === 'processing') return waiting === 0 ? `${place}/last` : place;
  return place === 'waiting' && waiting === 1 ? `${place}/last` : place;
}

const queue = queueOf('task_1', 'task_2');
const shortQueue = queueOf('task_1');

const walk = (input: typeof queue, serializeState: (snapshot: Snapshot) => string) =>
  getShortestPaths(queueMachine, {
    input: { queue: input },
    events: Object.values(commands),
    serializeState,
    limit: 1000,
  }).map(({ state, steps }) => ({
    state,
    steps: steps.flatMap(({ event }): QueueCommand[] => (event.type.startsWith('xstate.') ? [] : [event])),
  }));

/** All that one task or two can come to, `push` included; walked by value and items, which are finite. */
const walked = [queue, shortQueue].flatMap((record) =>
  walk(record, ({ value, context }) => {
    const { items, interruptedIndex } = context;
    return JSON.stringify([value, items.map(({ status }) => status), interruptedIndex]);
  }).map(({ state, steps }) => ({ record, state, steps })),
);

/** The plays whose row this is; `remove` and `again` mean task_1, which waits or is in work where rows say it counts. */
const situations = new Map<string, () => QueuePlay>([
  ['waiting', () => playQueue(queue)],
  ['waiting/last', () => playQueue(shortQueue)],
  ['waiting/interrupted', () => playQueue(queue, commands.start, commands.interrupt)],
  ['processing', () => playQueue(queue, commands.start)],
  ['processing/last', () => playQueue(shortQueue, commands.start)],
  ['drained', () => playQueue(shortQueue, commands.start, commands.complete)],
  ['drained/interrupted', () => playQueue(shortQueue, commands.start, commands.interrupt)],
]);

const words = Object.entries(commands);

it('every state is reached', () => {
  const reached = walk(shortQueue, ({ value }) => JSON.stringify(value)).map(({ state }) =>
    innermost(state.value),
  );
  expect(reached.sort()).toEqual(placesOf(queueMachine).sort());
});

it('the table shows every situation that is reached and every command', () => {
  expect(new Set(walked.map(({ state }) => rowOf(state)))).toEqual(new Set(table.keys()));
  expect(new Set<string>(words.map(([, { type }]) => type))).toEqual(
    new Set(queueMachine.events.filter((type) => !type.startsWith('xstate.'))),
  );
});

describe.each([...table])('a queue that is %s', (place, row: Row) => {
  const play = (): QueuePlay => situations.get(place)?.() ?? expect.unreachable(`no play for ${place}`);

  it('takes and refuses what the table says', () => {
    expect(rowOf(play().snapshot)).toBe(place);
    const answers = words.map(([word, command]) => {
      const present = play();
      if (!present.can(command)) return [word, '-'];
      const before = present.place;
      present.send(command);
      return [word, present.place === before ? '=' : present.place];
    });
    expect(Object.fromEntries(answers)).toEqual(row);
  });

  it('is not changed by a command that it refuses', () => {
    for (const [word, command] of words.filter(([name]) => row[name] === '-')) {
      const present = play();
      const { value, context } = present.snapshot;
      expect(present.send(command), word).toEqual([]);
      expect(present.snapshot.value, word).toEqual(value);
      expect(present.snapshot.context, word).toBe(context);
    }
  });
});

it('wherever a queue can come to, it starts from its record in the same state and tells nothing', () => {
  expect(walked.length).toBeGreaterThan(20);
  for (const { record, steps } of walked) {
    const before = playQueue(record, ...steps);
    const after = playQueue(queueAfter(record, before));
    expect(after.snapshot.value).toEqual(before.snapshot.value);
    expect(remembered(after)).toEqual(remembered(before));
    expect(after.told).toEqual([]);
    expect(after.effects).toEqual([]);
  }
});

/** `movedIndexes` is of the last command only. */
const remembered = ({ snapshot }: QueuePlay): object => ({ ...snapshot.context, movedIndexes: null });
