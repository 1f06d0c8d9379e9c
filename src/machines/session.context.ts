// What the session machine remembers, made from the record and written back to it: plain JSON, no logs, no clock.
import type { SessionCommand } from '../domain/commands.ts';
import { SessionStatus, type NeedsInput, type Session, type SpawnPhase } from '../domain/session.ts';
import type { TimelineNote } from '../domain/timeline.ts';

export interface SessionContext {
  id: string;
  /** Whether a spawn made it: only then can it be respawned. */
  spawned: boolean;
  /** What the record says; where the transient first state leads to. */
  restored: { status: SessionStatus; phase: SpawnPhase | null; asking: boolean };
  needsInput: NeedsInput | null;
  completedAt: number | null;
  attempt: number;
  deadline: number | null;
  claimedBy: string | null;
  manifestPath: string | null;
  manifestFailedAt: number | null;
  /** Why the manifest failed then. */
  manifestError: string | null;
}

/** What a transition tells besides the new state: an entry for the timeline, or that the spawn can be announced. */
export type SessionEmitted = { type: 'note'; note: TimelineNote } | { type: 'announce' };

const isStatus = (word: string): boolean => SessionStatus.safeParse(word).success;

export function contextOf(session: Session): SessionContext {
  const { status, phase, needsInput } = session;
  const asking = status === 'working' && needsInput?.active === true;
  return {
    id: session.id,
    spawned: session.spawn !== undefined,
    // A state of a newer version is none of this machine: it goes on from `idle`, and the record says its word until then.
    restored: { status: isStatus(status) ? status : 'idle', phase: phase ?? null, asking },
    // A question is open in working only; an old record may hold one elsewhere.
    needsInput: asking || !needsInput?.active ? (needsInput ?? null) : { active: false },
    completedAt: session.completedAt,
    attempt: session.attempt,
    deadline: session.deadline,
    claimedBy: session.claimedBy,
    manifestPath: session.manifestPath ?? null,
    manifestFailedAt: session.manifestFailedAt,
    manifestError: session.manifestError ?? null,
  };
}

/** The state of the machine as the record holds it. */
export interface SessionPlace {
  status: SessionStatus;
  phase: SpawnPhase | undefined;
}

/** The record's fields that the machine governs, after a command. */
export const fieldsOf = (context: SessionContext, place: SessionPlace): Partial<Session> => ({
  status: place.status,
  phase: place.phase,
  needsInput: context.needsInput ?? undefined,
  completedAt: context.completedAt,
  attempt: context.attempt,
  deadline: context.deadline,
  claimedBy: context.claimedBy,
  manifestPath: context.manifestPath ?? undefined,
  manifestFailedAt: context.manifestFailedAt,
  manifestError: context.manifestError ?? undefined,
});

type Change = Partial<SessionContext>;

export const asked = (command: SessionCommand): Change =>
  command.type === 'session.ask'
    ? {
        needsInput: {
          active: true,
          ...(command.message === undefined ? {} : { message: command.message }),
          since: command.at,
          entryId: command.entryId,
        },
      }
    : {};

/** A session that never asked has no `needsInput` at all, and keeps having none. */
export const settled = (context: SessionContext): Change =>
  context.needsInput?.active ? { needsInput: { active: false } } : {};

export const ended = (command: SessionCommand): Change => ({ completedAt: command.at });

/** The outcome is another one: an equal spawn does not take the session up for its manifest any more. */
const withoutManifestFailure: Change = { manifestFailedAt: null, manifestError: null };

export const resumed = (): Change => ({ completedAt: null, ...withoutManifestFailure });

export const corrected = (): Change => withoutManifestFailure;

export const respawned = (context: SessionContext): Change => ({
  attempt: context.attempt + 1,
  completedAt: null,
  deadline: null,
  claimedBy: null,
  manifestPath: null,
  ...withoutManifestFailure,
});

export const manifestKept = (command: SessionCommand): Change =>
  command.type === 'manifest.made' ? { manifestPath: command.path, deadline: command.deadline } : {};

export const manifestMissed = (command: SessionCommand): Change => ({
  completedAt: command.at,
  manifestFailedAt: command.at,
  manifestError: manifestErrorOf(command),
});

const manifestErrorOf = (command: SessionCommand): string =>
  command.type === 'manifest.failed' ? command.message : 'The manifest could not be made';

export const claimed = (command: SessionCommand): Change =>
  command.type === 'session.claim' ? { claimedBy: command.host } : {};

/** What a client says by a status is told on the timeline in a sentence. */
export function endingNote(command: SessionCommand): TimelineNote {
  const reason = command.type === 'session.fail' && command.reason ? `: ${command.reason}` : '';
  const words: Partial<Record<SessionCommand['type'], string>> = {
    'session.complete': 'Session completed',
    'session.fail': `Session failed${reason}`,
    'session.stop': 'Session stopped',
    'manifest.failed': 'Session failed: its manifest could not be made',
  };
  return { type: 'session_stopped', message: words[command.type] ?? 'Session ended' };
}

const outcomes: Partial<Record<SessionCommand['type'], string>> = {
  'session.complete': 'completed',
  'session.fail': 'failed',
  'session.stop': 'stopped',
};

export const correctionNote = (command: SessionCommand): TimelineNote => ({
  type: 'milestone',
  message: `Outcome corrected: the session is ${outcomes[command.type] ?? 'ended'}`,
});

export const resumeNote: TimelineNote = { type: 'session_started', message: 'Session resumed' };

export const respawnNote = (context: SessionContext): TimelineNote => ({
  type: 'milestone',
  message: `Spawn tried again (attempt ${context.attempt})`,
});

export const overdueNote: TimelineNote = {
  type: 'error',
  message: 'No word from the agent in time. Is a terminal host running? The spawn can be tried again.',
};

export const manifestErrorNote = (command: SessionCommand): TimelineNote => ({
  type: 'error',
  message: manifestErrorOf(command),
});
