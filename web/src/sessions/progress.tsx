import type { Summary } from '../live/api.ts';

/** How far a queue has come: what is done, failed, in work, waiting. */
export function Progress({ queue }: { queue: NonNullable<Summary['queue']> }) {
  const { total, completed, failed, skipped, processing } = queue;
  const closed = completed + failed + skipped;
  const part = (count: number): string => `${total === 0 ? 0 : (100 * count) / total}%`;
  const words = `${closed} of ${total} done${failed > 0 ? `, ${failed} failed` : ''}`;
  return (
    <div className="progress">
      <div className="bar" role="img" aria-label={words}>
        <span className="good" style={{ width: part(completed) }} />
        <span className="bad" style={{ width: part(failed) }} />
        <span className="quiet" style={{ width: part(skipped) }} />
        <span className="busy" style={{ width: part(processing) }} />
      </div>
      <span className="small">{words}</span>
    </div>
  );
}
