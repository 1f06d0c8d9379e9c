// Records that are there and could not be read. They are not deleted ones: whatever names them is left as it is, so that
// all is as before when they can be read again.
import { keyOf, type RecordKind } from '../domain/records.ts';

export class Unread {
  readonly #keys = new Set<string>();
  /** Projects whose folders of tasks could not be read. */
  readonly #projects = new Set<string>();

  add(key: string): void {
    this.#keys.add(key);
  }

  addTasksOf(projectId: string): void {
    this.#projects.add(projectId);
  }

  /** @param projectId of the record, where it is known */
  has(kind: RecordKind, id: string, projectId?: string): boolean {
    if (this.#keys.has(keyOf(kind, id))) return true;
    return kind === 'task' && projectId !== undefined && this.#projects.has(projectId);
  }
}
