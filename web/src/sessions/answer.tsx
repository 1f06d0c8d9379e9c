// The open question of a session, and the answer to it.
import { useId, useState } from 'react';
import { at, post, type Summary } from '../live/api.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';

export function Answer({
  session: { id, name, needsInput },
}: {
  session: Pick<Summary, 'id' | 'name' | 'needsInput'>;
}) {
  const [text, setText] = useState('');
  const { isUnderWay, refusal, ask } = useAsk();
  const field = useId();
  if (!needsInput?.active) return null;
  const answer = async (event: React.SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (await ask(() => post(at('sessions', id, 'answer'), { message: text }))) setText('');
  };
  return (
    <form className="answer" onSubmit={(event) => void answer(event)}>
      <label htmlFor={field} className="question">
        <span className="unseen">{name} asks: </span>
        {needsInput.message ?? 'It waits for a word from you.'}
      </label>
      <div className="line">
        <input
          id={field}
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="Your answer"
        />
        <button type="submit" className="first" disabled={isUnderWay || text.trim() === ''}>
          Answer
        </button>
      </div>
      <RefusalNote refusal={refusal} />
    </form>
  );
}
