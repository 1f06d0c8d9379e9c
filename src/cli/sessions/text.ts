// Sessions as text.
import { facts, table } from '../text.ts';
import type { EntryView, QueueStatsView, SessionView } from '../views.ts';

export const sessionTable = (sessions: readonly SessionView[]): string =>
  table(
    ['id', 'status', 'strategy', 'name', 'tasks', 'asks', 'last entry'],
    sessions.map((one) => [
      one.id,
      one.status,
      one.strategy,
      one.name,
      one.taskIds.join(', '),
      openQuestion(one) ?? '',
      entryText(one.last ?? one.timeline.at(-1)),
    ]),
    'There are no such sessions.',
  );

/** @param most entries of the timeline, the last ones */
export function sessionText(one: SessionView, stats: QueueStatsView | undefined, most: number): string {
  const known = facts([
    ['id', one.id],
    ['name', one.name],
    ['status', one.status],
    ['role', one.role],
    ['strategy', one.strategy],
    ['project', one.projectId],
    ['tasks', one.taskIds.join(', ')],
    ['queue', stats && queueText(stats)],
    ['asks', openQuestion(one)],
  ]);
  const { timeline } = one;
  if (timeline.length === 0) return known;
  const shown = timeline.slice(-most);
  const earlier = timeline.length - shown.length;
  return [
    known,
    '',
    ...(earlier > 0 ? [`${earlier} earlier entries; --all shows them`] : []),
    table(
      ['time', 'type', 'task', 'message'],
      shown.map((entry) => [timeText(entry.timestamp), entry.type, entry.taskId ?? '', entry.message ?? '']),
      '',
    ),
  ].join('\n');
}

/** `2 of 5 done, 1 processing, 2 queued`. */
function queueText({ total, ...counts }: QueueStatsView): string {
  const { completed, failed, skipped, processing, queued } = counts;
  const done = completed + failed + skipped;
  const parts = Object.entries({ processing, queued, failed, skipped }).filter(([, count]) => count > 0);
  return [`${done} of ${total} done`, ...parts.map(([kind, count]) => `${count} ${kind}`)].join(', ');
}

const entryText = (entry: EntryView | undefined): string => entry?.message ?? entry?.type ?? '';

/** `2026-01-31 12:00:00`, in the time of this machine. */
function timeText(at: number | undefined): string {
  if (at === undefined) return '';
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

const openQuestion = ({ needsInput }: SessionView): string | undefined =>
  needsInput?.active === true ? (needsInput.message ?? 'yes') : undefined;
