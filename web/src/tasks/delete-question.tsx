// Deletes a task, if one really wants to.
import { at, call, type Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';

export interface DeleteQuestionProps {
  task: Task;
  onDeleted: () => void;
  onKept: () => void;
}

export function DeleteQuestion({ task, onDeleted, onKept }: DeleteQuestionProps) {
  const { tasks } = useTheWorld();
  const { isUnderWay, refusal, ask } = useAsk();
  const children = [...tasks.values()].filter(({ parentId }) => parentId === task.id).length;
  const sessions = task.sessionIds.length;
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
          onClick={() =>
            void ask(() => call('DELETE', at('tasks', task.id))).then((isDone) => isDone && onDeleted())
          }
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
