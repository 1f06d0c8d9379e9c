// What all cards of the board share.
import type { Task } from '../live/api.ts';
import type { Status } from './words.ts';

export interface CardContext {
  selected: ReadonlySet<string>;
  showsProjects: boolean;
  edit: (task: Task) => void;
  select: (id: string) => void;
  /** @throws what the server refuses. */
  move: (task: Task, status: Status) => Promise<void>;
  /** Ids of cards that take the focus where they arrive. */
  following: Set<string>;
}
