// One task: made, changed, deleted.
import { useState } from 'react';
import type { Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { useAsk } from '../parts/ask.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form } from '../parts/form.tsx';
import { DeleteQuestion } from './delete-question.tsx';
import { draftOf, emptyDraft, save } from './draft.ts';
import { AllSessionsOf } from './sessions-of.tsx';
import { TaskFields } from './task-fields.tsx';

/** A new one, in a project and perhaps below another; or one that is there. */
export type TaskInView = { task: null; projectId: string; parentId: string } | { task: Task };

const fields = [
  ...['title', 'projectId', 'parentId', 'description', 'acceptanceCriteria'],
  ...['initialPrompt', 'status', 'priority', 'model'],
];

export function TaskDialog({ view, onClose }: { view: TaskInView; onClose: () => void }) {
  const { task } = view;
  const { tasks } = useTheWorld();
  const [before] = useState(() =>
    view.task ? draftOf(view.task) : emptyDraft(view.projectId, view.parentId),
  );
  const [draft, setDraft] = useState(before);
  const [isDeleting, setDeleting] = useState(false);
  const { isUnderWay, refusal, ask } = useAsk();
  const title = isDeleting ? 'Delete this task?' : task ? 'Task' : 'New task';
  /** As it is now, for what the form does not hold. */
  const present = task && (tasks.get(task.id) ?? task);
  return (
    <Dialog title={title} isWritten={draft !== before} onClose={onClose}>
      {(close) =>
        present && isDeleting ? (
          <DeleteQuestion task={present} onGone={close} onKept={() => setDeleting(false)} />
        ) : (
          <>
            <Form
              refusal={refusal}
              fields={fields}
              onSubmit={() => void ask(() => save(task, before, draft)).then((isDone) => isDone && close())}
              foot={
                <>
                  <button type="submit" className="first" disabled={isUnderWay}>
                    {task ? 'Save' : 'Create task'}
                  </button>
                  <button type="button" onClick={close}>
                    Cancel
                  </button>
                  {task && (
                    <button type="button" className="danger far" onClick={() => setDeleting(true)}>
                      Delete…
                    </button>
                  )}
                </>
              }
            >
              <TaskFields
                task={task}
                draft={draft}
                refusal={refusal}
                onChange={(change) => setDraft({ ...draft, ...change })}
              />
            </Form>
            {present && (
              <>
                <AllSessionsOf task={present} />
                <p className="small">
                  <code>{present.id}</code>
                  {!tasks.has(present.id) && ' was deleted meanwhile'}
                </p>
              </>
            )}
          </>
        )
      }
    </Dialog>
  );
}
