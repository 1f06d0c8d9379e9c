// What the agent was started from; read when it is unfolded.
import { useState } from 'react';
import { at, get } from '../live/api.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';

export function Manifest({ id }: { id: string }) {
  const [manifest, setManifest] = useState<unknown>(null);
  const { isUnderWay, refusal, ask } = useAsk();
  const open = ({ currentTarget }: React.SyntheticEvent<HTMLDetailsElement>): void => {
    if (currentTarget.open) void ask(async () => setManifest(await get(at('sessions', id, 'manifest'))));
  };
  return (
    <section aria-label="Manifest">
      <details onToggle={open}>
        <summary>
          <h2>Manifest</h2>
        </summary>
        {isUnderWay && <p role="status">reading…</p>}
        <RefusalNote refusal={refusal} />
        {manifest !== null && (
          <pre tabIndex={0} aria-label="The manifest as JSON">
            {JSON.stringify(manifest, null, 2)}
          </pre>
        )}
      </details>
    </section>
  );
}
