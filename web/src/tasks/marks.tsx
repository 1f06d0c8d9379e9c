// What there is to say of a task beside its title.
import type { Task } from '../live/api.ts';
import { statusTones, statusWords } from './words.ts';

export function StatusBadge({ status, id }: { status: Task['status']; id?: string }) {
  return (
    <span id={id} className={`badge ${statusTones[status]}`}>
      {statusWords[status]}
    </span>
  );
}

/** A medium priority is nothing to speak of. */
export function Marks({ task: { priority, sessionStatus, model } }: { task: Task }) {
  return (
    <>
      {priority !== 'medium' && (
        <span className={`small priority ${priority}`}>
          {priority}
          <span className="unseen"> priority</span>
        </span>
      )}
      {sessionStatus && (
        <span className="small" title="what its session says of it">
          session: {sessionStatus.replace('_', ' ')}
        </span>
      )}
      {model && <span className="small">{model}</span>}
    </>
  );
}
