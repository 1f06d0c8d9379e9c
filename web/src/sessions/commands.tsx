// What to type in a terminal to get at this session there.
import { useState } from 'react';
import type { SessionState, Whole } from '../live/api.ts';

export function Commands({ session: { id, needsInput }, state }: { session: Whole; state: SessionState }) {
  const commands: [string, string][] = [
    ['look at it', `maestro session info ${id}`],
    ...(needsInput?.active ? [['answer it', `maestro session answer ${id} "…"`] as [string, string]] : []),
    ...(state.value.startsWith('spawning') ? [['start its agent', 'maestro host'] as [string, string]] : []),
    ...(state.tags.includes('live')
      ? [
          ['attach, when its host runs in tmux', `tmux select-window -t agent-${id.slice(-8)}`] as [
            string,
            string,
          ],
        ]
      : []),
  ];
  return (
    <section aria-label="In a terminal">
      <h2>In a terminal</h2>
      <dl className="commands">
        {commands.map(([what, command]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              <code>{command}</code> <Copy text={command} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Copy({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button
      type="button"
      className="quiet"
      aria-label={`Copy: ${text}`}
      onClick={() => void copy().catch(() => undefined)}
    >
      {isCopied ? 'copied' : 'copy'}
    </button>
  );
}
