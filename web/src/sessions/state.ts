// What a session's state means to a person: a word, a tone, and whether somebody must look.
import type { Summary } from '../live/api.ts';

export type Tone = 'asks' | 'bad' | 'busy' | 'quiet' | 'starts' | 'good';

export interface Shown {
  word: string;
  tone: Tone;
}

type Stateful = Pick<Summary, 'status' | 'needsInput' | 'overdue'>;

export function shownState({ status, needsInput, overdue }: Stateful): Shown {
  if (needsInput?.active) return { word: 'needs input', tone: 'asks' };
  switch (status) {
    case 'spawning':
      return overdue ? { word: 'overdue', tone: 'bad' } : { word: 'spawning', tone: 'starts' };
    case 'idle':
      return { word: 'idle', tone: 'quiet' };
    case 'working':
      return { word: 'working', tone: 'busy' };
    case 'completed':
      return { word: 'completed', tone: 'good' };
    case 'failed':
      return { word: 'failed', tone: 'bad' };
    case 'stopped':
      return { word: 'stopped', tone: 'quiet' };
  }
}

export const hasEnded = ({ status }: Pick<Summary, 'status'>): boolean =>
  status === 'completed' || status === 'failed' || status === 'stopped';

/** A failure is news for a day. */
const NEWS_MS = 24 * 60 * 60 * 1000;

/** What needs a person, most urgent first; 0 for nothing. */
export function urgency(session: Summary, now: number): number {
  if (session.needsInput?.active) return 3;
  if (session.overdue) return 2;
  return session.status === 'failed' && now - (session.completedAt ?? 0) < NEWS_MS ? 1 : 0;
}
