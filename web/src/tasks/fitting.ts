// Which tasks are looked for.
import type { Task } from '../live/api.ts';
import { isClosed } from './words.ts';

export type Fits = (task: Task) => boolean;

/** A task that changes is another object, so what was made of it is never old. */
const texts = new WeakMap<Task, string>();

function textOf(task: Task): string {
  let text = texts.get(task);
  if (text === undefined) {
    text = `${task.title}\n${task.description}\n${task.id}`.toLowerCase();
    texts.set(task, text);
  }
  return text;
}

/** @returns null when all are. */
export function fitting(words: string, hidesClosed: boolean): Fits | null {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0 && !hidesClosed) return null;
  return (task) => {
    if (hidesClosed && isClosed(task)) return false;
    const text = wanted.length > 0 ? textOf(task) : '';
    return wanted.every((word) => text.includes(word));
  };
}
