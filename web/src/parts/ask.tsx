// Something is asked of the server: while it is under way the button says so, and what is refused is shown where it was asked.
import { useCallback, useState, type ReactNode } from 'react';

export interface Asking {
  isUnderWay: boolean;
  /** The server's own sentence; null when nothing was refused. */
  refusal: Error | null;
  /** @returns whether it was done. */
  ask: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useAsk(): Asking {
  const [isUnderWay, setUnderWay] = useState(false);
  const [refusal, setRefusal] = useState<Error | null>(null);
  const ask = useCallback(async (work: () => Promise<unknown>): Promise<boolean> => {
    setUnderWay(true);
    setRefusal(null);
    try {
      await work();
      return true;
    } catch (error) {
      setRefusal(error instanceof Error ? error : new Error(String(error)));
      return false;
    } finally {
      setUnderWay(false);
    }
  }, []);
  return { isUnderWay, refusal, ask };
}

export function RefusalNote({ refusal }: { refusal: Error | null }) {
  return (
    <p role="alert" className="refusal">
      {refusal && sentence(refusal)}
    </p>
  );
}

/** What fetch throws when nobody is there says nothing to a person. */
const sentence = (refusal: Error): ReactNode =>
  refusal instanceof TypeError ? 'The server cannot be reached. Nothing was changed.' : refusal.message;
