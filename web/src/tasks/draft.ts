// A task as it stands in the form: every field a text, acceptance criteria one a line.
import { at, patch, post, type Task } from '../live/api.ts';
import type { Model, Priority, Status } from './words.ts';

export interface Draft {
  projectId: string;
  /** `''` for a root. */
  parentId: string;
  title: string;
  description: string;
  initialPrompt: string;
  acceptanceCriteria: string;
  status: Status;
  priority: Priority;
  /** `''` for none. */
  model: Model | '';
}

export const emptyDraft = (projectId: string, parentId: string): Draft => ({
  projectId,
  parentId,
  title: '',
  description: '',
  initialPrompt: '',
  acceptanceCriteria: '',
  status: 'todo',
  priority: 'medium',
  model: '',
});

export const draftOf = (task: Task): Draft => ({
  projectId: task.projectId,
  parentId: task.parentId ?? '',
  title: task.title,
  description: task.description,
  initialPrompt: task.initialPrompt,
  acceptanceCriteria: (task.acceptanceCriteria ?? []).join('\n'),
  status: task.status,
  priority: task.priority,
  model: task.model ?? '',
});

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function asked(draft: Draft, field: keyof Draft): unknown {
  if (field === 'acceptanceCriteria') return linesOf(draft.acceptanceCriteria);
  if (field === 'parentId') return draft.parentId === '' ? null : draft.parentId;
  return draft[field];
}

/** What was not touched is not sent: it may have been changed by others meanwhile. */
export async function save(task: Task | null, before: Draft, draft: Draft): Promise<void> {
  const fields = (Object.keys(draft) as (keyof Draft)[]).filter((field) =>
    task ? draft[field] !== before[field] : draft[field] !== '',
  );
  const body = Object.fromEntries(fields.map((field) => [field, asked(draft, field)]));
  if (!task) await post('api/tasks', { title: draft.title, ...body });
  else if (fields.length > 0) await patch(at('tasks', task.id), body);
}
