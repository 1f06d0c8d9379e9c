// A session is spawned on the tasks that are selected.
import { useState } from 'react';
import { useLocation } from 'wouter';
import { post, type Task } from '../live/api.ts';
import { useAsk } from '../parts/ask.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Form } from '../parts/form.tsx';
import { Projects } from './one-project.tsx';
import { SpawnFields, type Order } from './spawn-fields.tsx';

const fields = ['skills', 'sessionName', 'model'];
const SHOWN = 8;

export interface SpawnDialogProps {
  tasks: readonly Task[];
  keepOnly: (ids: readonly string[]) => void;
  onClose: () => void;
}

export function SpawnDialog({ tasks, keepOnly, onClose }: SpawnDialogProps) {
  const [, go] = useLocation();
  const [order, setOrder] = useState<Order>({
    role: 'worker',
    strategy: 'simple',
    model: '',
    name: '',
    skills: new Set(),
  });
  const { isUnderWay, refusal, ask } = useAsk();
  const isOfOne = new Set(tasks.map(({ projectId }) => projectId)).size === 1;
  const spawn = async (close: () => void): Promise<void> => {
    const { sessionId } = await post<{ sessionId: string }>('api/sessions/spawn', {
      projectId: tasks[0]?.projectId,
      taskIds: tasks.map(({ id }) => id),
      role: order.role,
      strategy: order.strategy,
      skills: [...order.skills],
      ...(order.model !== '' && { model: order.model }),
      ...(order.name.trim() !== '' && { sessionName: order.name.trim() }),
    });
    keepOnly([]);
    close();
    go(`/sessions/${sessionId}`);
  };
  return (
    <Dialog title="Spawn a session" onClose={onClose}>
      {(close) => (
        <Form
          refusal={refusal}
          fields={fields}
          onSubmit={() => void ask(() => spawn(close))}
          foot={
            <>
              <button type="submit" className="first" disabled={isUnderWay || !isOfOne}>
                {isUnderWay ? 'Spawning…' : 'Spawn'}
              </button>
              <button type="button" onClick={close}>
                Cancel
              </button>
            </>
          }
        >
          <ol className="chosen" aria-label="On these tasks, in this order">
            {tasks.slice(0, SHOWN).map(({ id, title }) => (
              <li key={id}>{title}</li>
            ))}
          </ol>
          {tasks.length > SHOWN && <p className="small">and {tasks.length - SHOWN} more</p>}
          {tasks.length === 0 && <p className="empty">No task is selected any more.</p>}
          <Projects tasks={tasks} keepOnly={keepOnly} />
          <SpawnFields
            order={order}
            refusal={refusal}
            onChange={(change) => setOrder({ ...order, ...change })}
          />
        </Form>
      )}
    </Dialog>
  );
}
