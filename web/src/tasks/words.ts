// What a task's fields are called, and the tone of each.
import type { Task } from '../live/api.ts';
import type { Tone } from '../sessions/state.ts';

export type Status = Task['status'];
export type Priority = Task['priority'];
export type Model = NonNullable<Task['model']>;

/** In the order of the board's columns. */
export const statusWords: Readonly<Record<Status, string>> = {
  todo: 'to do',
  in_progress: 'in progress',
  blocked: 'blocked',
  completed: 'completed',
  cancelled: 'cancelled',
};
export const statuses = Object.keys(statusWords) as Status[];

export const statusTones: Readonly<Record<Status, Tone>> = {
  todo: 'quiet',
  in_progress: 'busy',
  blocked: 'asks',
  completed: 'good',
  cancelled: 'quiet',
};

/** Most urgent first. */
export const priorities: readonly Priority[] = ['high', 'medium', 'low'];
export const models: readonly Model[] = ['haiku', 'sonnet', 'opus'];

export const isClosed = ({ status }: Pick<Task, 'status'>): boolean =>
  status === 'completed' || status === 'cancelled';
