// What is asked of the machines. Commands are made by us from parsed input, never the input itself; `at` (Unix
// milliseconds) and ids are stamped on them before they are sent, so that the machines need no clock.
import type { JsonObject } from './fields.ts';
import type { SessionStatus } from './session.ts';
import type { TimelineType } from './timeline.ts';

/** Each status that a client may ask for is an event to the session's machine. */
export type StatusCommand =
  | { type: 'session.spawn'; at: number }
  | { type: 'session.idle'; at: number }
  | { type: 'session.work'; at: number }
  | { type: 'session.complete'; at: number }
  | { type: 'session.fail'; at: number; reason?: string }
  | { type: 'session.stop'; at: number };

export type SessionCommand =
  | StatusCommand
  /** A question to a person stands on the timeline as entry `entryId`. */
  | { type: 'session.ask'; at: number; entryId: string; message?: string }
  /** Any other word from the agent; `entry` is the type of a timeline entry, null for an event or a field. */
  | { type: 'session.hear'; at: number; entry: TimelineType | null }
  /** The question is no longer open, without an answer. */
  | { type: 'session.settle'; at: number }
  | { type: 'session.answer'; at: number }
  | { type: 'session.claim'; at: number; host: string }
  | { type: 'session.respawn'; at: number }
  /** Results of effects. `attempt` says which; those of an older attempt are stale and ignored. */
  | {
      type: 'manifest.made';
      at: number;
      attempt: number;
      path: string;
      deadline: number;
      manifest: JsonObject;
    }
  | { type: 'manifest.failed'; at: number; attempt: number; message: string }
  | { type: 'deadline.passed'; at: number };

/** The command that a status word stands for. */
export const statusCommands: Record<SessionStatus, StatusCommand['type']> = {
  spawning: 'session.spawn',
  idle: 'session.idle',
  working: 'session.work',
  completed: 'session.complete',
  failed: 'session.fail',
  stopped: 'session.stop',
};

export type QueueCommand =
  | { type: 'queue.start'; at: number }
  | { type: 'queue.complete'; at: number }
  | { type: 'queue.fail'; at: number; reason: string }
  | { type: 'queue.skip'; at: number }
  | { type: 'queue.push'; at: number; taskId: string }
  /** Tasks leave their session or are deleted: their items are skipped; one in work fails when `reason` says why. */
  | { type: 'queue.remove'; at: number; taskIds: readonly string[]; reason: string | null }
  /** The session ended with an item in work. */
  | { type: 'queue.interrupt'; at: number; reason: string };
