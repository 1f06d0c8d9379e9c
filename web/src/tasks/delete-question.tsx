// Deletes a task, if one really wants to.
import { useEffect } from 'react';
import { at, call, type Task } from '../live/api.ts';
import { useWorld } from '../live/use.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';

export interface DeleteQuestionProps {
  task: Task;
  /** By whomever, and the page knows it: what had the focus before is gone then. */
  onGone: () => void;
  onKept: () => void;
}

export function DeleteQuestion({ task, onGone, onKept }: DeleteQuestionProps) {
  const { isThere, children } = useWorld(({ tasks }) => ({
    isThere: tasks.has(task.id),
    children: [...tasks.values()].filter(({ parentId }) => parentId === task.id).length,
  }));
  const { isUnderWay, refusal, ask } = useAsk();
  const sessions = task.sessionIds.length;
  useEffect(() => {
    if (!isThere) onGone();
  }, [isThere, onGone]);
  return (
    <>
      <p>
        <strong>{task.title}</strong> is gone then, for good.
        {children > 0 && ` What is directly below it (${children}) moves up.`}
        {sessions > 0 && ` Its sessions (${sessions}) go on without it.`}
      </p>
      <RefusalNote refusal={refusal} />
      <div className="actions">
        <button
          type="button"
          className="danger"
          disabled={isUnderWay}
          onClick={() => void ask(() => call('DELETE', at('tasks', task.id)))}
        >
          Delete task
        </button>
        <button type="button" autoFocus onClick={onKept}>
          Keep it
        </button>
      </div>
    </>
  );
}
