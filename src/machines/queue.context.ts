// What the queue machine remembers: its items. They never leave the list; a move changes one of them.
import type { QueueCommand } from '../domain/commands.ts';
import type { Queue, QueueItem } from '../domain/queue.ts';

export interface QueueContext {
  items: QueueItem[];
  /** The item in work; -1 when none is. */
  currentIndex: number;
  /** An item that failed only because its session ended; -1 when none did, or another was started since. */
  interruptedIndex: number;
  /** The items that the last move changed; what is told of the move is read from them. */
  movedIndexes: readonly number[];
}

/** Items were moved: the status of each says which move it was. */
export interface QueueEmitted {
  type: 'moved';
  items: readonly QueueItem[];
}

/** The items say which one is in work: the `currentIndex` of an old or edited record may disagree with them. */
export const contextOfQueue = ({ items, interruptedIndex }: Queue): QueueContext => ({
  items,
  currentIndex: items.findIndex(({ status }) => status === 'processing'),
  interruptedIndex,
  movedIndexes: [],
});

/** The record's fields that the machine governs, after a command. */
export const fieldsOfQueue = ({ items, currentIndex, interruptedIndex }: QueueContext): Partial<Queue> => ({
  items,
  currentIndex,
  interruptedIndex,
});

export const firstQueued = ({ items }: QueueContext): number =>
  items.findIndex(({ status }) => status === 'queued');

const indexOf = ({ items }: QueueContext, taskId: string): number =>
  items.findIndex((item) => item.taskId === taskId);

export const isNew = (context: QueueContext, command: QueueCommand): boolean =>
  command.type === 'queue.push' && indexOf(context, command.taskId) === -1;

/** Whether one of the tasks that go is in work. */
export function isCurrent({ items, currentIndex }: QueueContext, command: QueueCommand): boolean {
  const current = items[currentIndex];
  return command.type === 'queue.remove' && current !== undefined && command.taskIds.includes(current.taskId);
}

/** Whether one of the tasks that go waits. */
export function isWaiting({ items }: QueueContext, command: QueueCommand): boolean {
  if (command.type !== 'queue.remove') return false;
  const going = new Set(command.taskIds);
  return items.some(({ taskId, status }) => status === 'queued' && going.has(taskId));
}

type Change = Partial<QueueContext>;

const put = (context: QueueContext, index: number, item: QueueItem): Change => ({
  items: context.items.with(index, item),
  movedIndexes: [index],
});

const begun = (item: QueueItem): { startedAt?: number } =>
  'startedAt' in item && item.startedAt !== undefined ? { startedAt: item.startedAt } : {};

/** The item at `index` with an outcome; nothing when there is no such item. */
function close(context: QueueContext, index: number, at: number, outcome: Outcome): Change {
  const item = context.items[index];
  if (!item) return {};
  return {
    ...put(context, index, closed(item, at, outcome)),
    currentIndex: index === context.currentIndex ? -1 : context.currentIndex,
  };
}

type Outcome = { status: 'completed' | 'skipped' } | { status: 'failed'; failReason: string };

const closed = (item: QueueItem, at: number, outcome: Outcome): QueueItem => ({
  taskId: item.taskId,
  addedAt: item.addedAt,
  ...begun(item),
  completedAt: at,
  ...outcome,
});

export function started(context: QueueContext, command: QueueCommand): Change {
  const index = firstQueued(context);
  const item = context.items[index];
  if (!item) return {};
  const { taskId, addedAt } = item;
  const change = put(context, index, { taskId, addedAt, status: 'processing', startedAt: command.at });
  return { ...change, currentIndex: index, interruptedIndex: -1 };
}

/** The outcome that `queue.complete` or `queue.fail` gives to the item at `index`. */
function reported(context: QueueContext, command: QueueCommand, index: number): Change {
  if (command.type === 'queue.fail')
    return close(context, index, command.at, { status: 'failed', failReason: command.reason });
  return close(context, index, command.at, { status: 'completed' });
}

export const finished = (context: QueueContext, command: QueueCommand): Change =>
  reported(context, command, context.currentIndex);

export const corrected = (context: QueueContext, command: QueueCommand): Change => ({
  ...reported(context, command, context.interruptedIndex),
  interruptedIndex: -1,
});

export const skipped = (context: QueueContext, command: QueueCommand): Change => {
  const index = context.currentIndex === -1 ? firstQueued(context) : context.currentIndex;
  return close(context, index, command.at, { status: 'skipped' });
};

export const interrupted = (context: QueueContext, command: QueueCommand): Change =>
  command.type === 'queue.interrupt'
    ? {
        ...close(context, context.currentIndex, command.at, { status: 'failed', failReason: command.reason }),
        interruptedIndex: context.currentIndex,
      }
    : {};

/** A waiting item of a task that leaves is skipped; one in work fails when a reason says why, else it is skipped. */
export function removed(context: QueueContext, command: QueueCommand): Change {
  if (command.type !== 'queue.remove') return {};
  const { at, reason } = command;
  const going = new Set(command.taskIds);
  const items = [...context.items];
  const movedIndexes: number[] = [];
  let { currentIndex } = context;
  for (const [index, item] of context.items.entries()) {
    if (!going.has(item.taskId) || (item.status !== 'queued' && index !== context.currentIndex)) continue;
    const fails = index === context.currentIndex && reason !== null;
    items[index] = closed(item, at, fails ? { status: 'failed', failReason: reason } : { status: 'skipped' });
    movedIndexes.push(index);
    if (index === currentIndex) currentIndex = -1;
  }
  return { items, movedIndexes, currentIndex };
}

export const pushed = (context: QueueContext, command: QueueCommand): Change =>
  command.type === 'queue.push'
    ? {
        items: [...context.items, { taskId: command.taskId, status: 'queued', addedAt: command.at }],
        movedIndexes: [context.items.length],
      }
    : {};
