// What the queue machine remembers: its items. They never leave the list; a move changes one of them.
import type { QueueCommand } from '../domain/commands.ts';
import type { Queue, QueueItem } from '../domain/queue.ts';

export interface QueueContext {
  items: QueueItem[];
  /** The item in work; -1 when none is. */
  currentIndex: number;
  /** An item that failed only because its session ended; -1 when none did, or another was started since. */
  interruptedIndex: number;
  /** The item that the last move changed; what is told of the move is read from it. */
  movedIndex: number;
}

/** An item was moved: its status says which move it was. */
export interface QueueEmitted {
  type: 'moved';
  item: QueueItem;
}

/** The items say which one is in work: the `currentIndex` of an old or edited record may disagree with them. */
export const contextOfQueue = ({ items, interruptedIndex }: Queue): QueueContext => ({
  items,
  currentIndex: items.findIndex(({ status }) => status === 'processing'),
  interruptedIndex,
  movedIndex: -1,
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

export const isCurrent = ({ items, currentIndex }: QueueContext, command: QueueCommand): boolean =>
  command.type === 'queue.remove' && items[currentIndex]?.taskId === command.taskId;

export const isWaiting = ({ items }: QueueContext, command: QueueCommand): boolean =>
  command.type === 'queue.remove' &&
  items.some(({ taskId, status }) => taskId === command.taskId && status === 'queued');

type Change = Partial<QueueContext>;

const put = (context: QueueContext, index: number, item: QueueItem): Change => ({
  items: context.items.with(index, item),
  movedIndex: index,
});

const begun = (item: QueueItem): { startedAt?: number } =>
  'startedAt' in item && item.startedAt !== undefined ? { startedAt: item.startedAt } : {};

/** The item at `index` with an outcome; nothing when there is no such item. */
function close(
  context: QueueContext,
  index: number,
  at: number,
  outcome: { status: 'completed' | 'skipped' } | { status: 'failed'; failReason: string },
): Change {
  const item = context.items[index];
  if (!item) return {};
  const { taskId, addedAt } = item;
  return {
    ...put(context, index, { taskId, addedAt, ...begun(item), completedAt: at, ...outcome }),
    currentIndex: index === context.currentIndex ? -1 : context.currentIndex,
  };
}

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
  const index = indexOf(context, command.taskId);
  const { at, reason } = command;
  if (index === context.currentIndex && reason !== null)
    return close(context, index, at, { status: 'failed', failReason: reason });
  return close(context, index, at, { status: 'skipped' });
}

export const pushed = (context: QueueContext, command: QueueCommand): Change =>
  command.type === 'queue.push'
    ? {
        items: [...context.items, { taskId: command.taskId, status: 'queued', addedAt: command.at }],
        movedIndex: context.items.length,
      }
    : {};
