// What can be done with a session now: exactly what its machine allows, as the server tells it.
import { useState } from 'react';
import { at, patch, post, type SessionState, type Whole } from '../live/api.ts';
import { useWorld } from '../live/use.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';

interface Action {
  label: string;
  /** Said to those who hover or listen. */
  hint: string;
  does: (id: string) => Promise<unknown>;
  isDangerous?: boolean;
}

const status = (word: string) => (id: string) => patch(at('sessions', id), { status: word });
const queue = (move: string) => (id: string) => post(at('sessions', id, 'queue', move));

/** By the command of the machine. Claims are for terminal hosts; questions are asked by agents and answered elsewhere. */
const actions: Readonly<Record<string, Action>> = {
  'session.work': { label: 'Set working', hint: 'its agent works again', does: status('working') },
  'session.idle': { label: 'Set idle', hint: 'its agent does nothing at the moment', does: status('idle') },
  'session.complete': { label: 'Complete', hint: 'its work is done', does: status('completed') },
  'session.stop': { label: 'Stop', hint: 'it ends here', does: status('stopped'), isDangerous: true },
  'session.fail': {
    label: 'Mark failed',
    hint: 'its work cannot be done',
    does: status('failed'),
    isDangerous: true,
  },
  'session.respawn': {
    label: 'Respawn',
    hint: 'its agent is started once more',
    does: (id) => post(at('sessions', id, 'respawn')),
  },
  'queue.start': { label: 'Start next item', hint: 'the first that waits', does: queue('start') },
  'queue.complete': { label: 'Complete item', hint: 'the one in work', does: queue('complete') },
  'queue.fail': { label: 'Fail item', hint: 'the one in work', does: queue('fail'), isDangerous: true },
  'queue.skip': {
    label: 'Skip item',
    hint: 'the one in work, else the first that waits',
    does: queue('skip'),
  },
};

export function Actions({ session, state }: { session: Whole; state: SessionState }) {
  const { isUnderWay, refusal, ask } = useAsk();
  const { id } = session;
  // What leaves the state as it is, is nothing that a person would ask for; of a queue it moves an item.
  const possible = [...state.next.filter(({ to }) => to !== null), ...(state.queue?.next ?? [])].flatMap(
    ({ event }) => (actions[event] ? [{ event, ...actions[event] }] : []),
  );
  return (
    <section aria-label="Actions">
      <div className="actions">
        {possible.map(({ event, label, hint, does, isDangerous }) => (
          <button
            key={event}
            type="button"
            title={hint}
            className={isDangerous ? 'danger' : undefined}
            disabled={isUnderWay}
            onClick={() => void ask(() => does(id))}
          >
            {label}
          </button>
        ))}
        {state.queue && <Push session={session} />}
      </div>
      <RefusalNote refusal={refusal} />
    </section>
  );
}

/** Puts one of the project's open tasks at the end of the queue. */
function Push({ session: { id, projectId, taskIds } }: { session: Whole }) {
  const [taskId, setTaskId] = useState('');
  const { isUnderWay, refusal, ask } = useAsk();
  const open = useWorld(({ tasks }) =>
    [...tasks.values()].filter(
      (task) =>
        task.projectId === projectId &&
        !taskIds.includes(task.id) &&
        task.status !== 'completed' &&
        task.status !== 'cancelled',
    ),
  );
  const push = async (): Promise<void> => {
    if (await ask(() => post(at('sessions', id, 'queue', 'push'), { taskId }))) setTaskId('');
  };
  if (open.length === 0) return null;
  return (
    <span className="line">
      <select aria-label="Task to push" value={taskId} onChange={(event) => setTaskId(event.target.value)}>
        <option value="">Push a task…</option>
        {open.slice(0, 500).map((task) => (
          <option key={task.id} value={task.id}>
            {task.title}
          </option>
        ))}
      </select>
      <button type="button" disabled={taskId === '' || isUnderWay} onClick={() => void push()}>
        Push to queue
      </button>
      <RefusalNote refusal={refusal} />
    </span>
  );
}
